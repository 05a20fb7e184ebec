#pragma once

#include <map>
#include <set>

#include "fleet/ledger.hpp"

namespace fleet {

/// A ledger in memory, for replays, simulations and tests. Unbounded: its life is short.
class MemoryLedger : public Ledger {
  public:
    base::Result<std::optional<Record>> find(const std::string& name) override;
    void put(Record& record) override;
    void erase(const std::string& name, Time at) override;
    bool is_gone(const std::string& uid) override;
    std::optional<std::string> name_of_request(const std::string& request) override;
    std::optional<std::string> name_of_machine(const std::string& machine) override;
    std::optional<std::string> name_of_image(const std::string& image) override;
    std::optional<std::string> name_of_dns(const std::string& key) override;
    bool mark_seen(const std::string& id, Time at) override;
    std::vector<Unclaimed> keep_unclaimed(const Unclaimed& unclaimed) override;
    std::vector<Unclaimed> take_unclaimed(const std::string& id) override;
    std::vector<Unclaimed> expire_unclaimed(Time before) override;
    std::optional<CommandOutcome> command(const std::string& uid) override;
    void put_command(const std::string& uid, const CommandOutcome& outcome) override;
    void append(const JournalEntry& entry) override;
    void reject(const std::string& message, const std::string& reason, Time at) override;
    std::vector<Neighbour> members(const std::string& group) override;
    std::size_t voluntary_replacements() override;
    std::optional<KeptImages> kept_images(const std::string& name) override;
    void keep_images(const KeptImages& kept) override;
    void forget_images(const std::string& name) override;
    std::vector<PoolHealth> pools() override;
    void put_pool(const PoolHealth& health) override;

    const std::map<std::string, Record>& records() const { return records_; }
    const std::vector<JournalEntry>& journal() const { return journal_; }
    const std::vector<std::string>& rejected() const { return rejected_; }

  private:
    void leave_group(const std::string& name);

    std::map<std::string, Record> records_;
    std::map<std::string, std::string> requests_;
    std::map<std::string, std::string> machines_;
    std::map<std::string, std::string> images_;
    std::map<std::string, KeptImages> kept_images_;
    std::map<std::string, std::string> dns_names_;
    std::map<std::string, std::map<std::string, Neighbour>> groups_;
    std::set<std::string> replacing_;
    std::set<std::string> seen_;
    std::vector<Unclaimed> unclaimed_;
    std::map<std::string, CommandOutcome> commands_;
    std::set<std::string> gone_;
    std::vector<JournalEntry> journal_;
    std::vector<std::string> rejected_;
    std::vector<PoolHealth> pools_;
};

}  // namespace fleet
