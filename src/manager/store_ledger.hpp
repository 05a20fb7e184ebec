#pragma once

#include "fleet/ledger.hpp"
#include "store/store.hpp"

namespace manager {

/// The store's transaction as the core sees it. Lives within one closure.
class StoreLedger : public fleet::Ledger {
  public:
    explicit StoreLedger(store::WriteTransaction& transaction) : transaction_(transaction) {}

    base::Result<std::optional<fleet::Record>> find(const std::string& name) override;
    void put(fleet::Record& record) override;
    void erase(const std::string& name, base::Time at) override;
    bool is_gone(const std::string& uid) override;
    std::optional<std::string> name_of_request(const std::string& request) override;
    std::optional<std::string> name_of_machine(const std::string& machine) override;
    std::optional<std::string> name_of_image(const std::string& image) override;
    std::optional<std::string> name_of_dns(const std::string& key) override;
    bool mark_seen(const std::string& id, base::Time at) override;
    std::vector<fleet::Unclaimed> keep_unclaimed(const fleet::Unclaimed& unclaimed) override;
    std::vector<fleet::Unclaimed> take_unclaimed(const std::string& id) override;
    std::vector<fleet::Unclaimed> expire_unclaimed(base::Time before) override;
    std::optional<fleet::CommandOutcome> command(const std::string& uid) override;
    void put_command(const std::string& uid, const fleet::CommandOutcome& outcome) override;
    void append(const fleet::JournalEntry& entry) override;
    void reject(const std::string& message, const std::string& reason, base::Time at) override;
    std::vector<fleet::Neighbour> members(const std::string& group) override;
    std::size_t voluntary_replacements() override;
    std::optional<fleet::KeptImages> kept_images(const std::string& name) override;
    void keep_images(const fleet::KeptImages& kept) override;
    void forget_images(const std::string& name) override;
    std::vector<fleet::PoolHealth> pools() override;
    void put_pool(const fleet::PoolHealth& health) override;

  private:
    store::WriteTransaction& transaction_;
};

}  // namespace manager
