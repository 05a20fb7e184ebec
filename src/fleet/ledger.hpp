#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fleet/group.hpp"
#include "fleet/record.hpp"

namespace fleet {

/// A message about ids that belong to nobody yet: an id may come before the answer that makes it ours.
struct Unclaimed {
    std::vector<std::string> ids;
    std::string message;  ///< the envelope, as JSON text
    Time at;
};

/// What became of a command.
struct CommandOutcome {
    std::string command;  ///< the operation: `register`, `retire`, ...
    std::string name;
    bool accepted = false;
    std::string reason;  ///< why it was refused
    Time at;
};

/// What deciding reads and changes, all in one transaction. The store stands behind it in the program, plain
/// memory in replays and simulations.
class Ledger {
  public:
    Ledger() = default;
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    virtual ~Ledger() = default;

    /// The error says why the record cannot be read: its name is blocked.
    virtual base::Result<std::optional<Record>> find(const std::string& name) = 0;
    /// Saves under the record's name and gives it the next revision.
    virtual void put(Record& record) = 0;
    /// Forgets the record and everything it owns; its uid is remembered as gone.
    virtual void erase(const std::string& name, Time at) = 0;
    /// A managed instance with this uid is gone.
    virtual bool is_gone(const std::string& uid) = 0;
    virtual std::optional<std::string> name_of_request(const std::string& request) = 0;
    virtual std::optional<std::string> name_of_machine(const std::string& machine) = 0;
    virtual std::optional<std::string> name_of_image(const std::string& image) = 0;
    virtual std::optional<std::string> name_of_dns(const std::string& key) = 0;

    /// True the first time.
    virtual bool mark_seen(const std::string& id, Time at) = 0;

    /// Gives back what was dropped to make room.
    virtual std::vector<Unclaimed> keep_unclaimed(const Unclaimed& unclaimed) = 0;
    virtual std::vector<Unclaimed> take_unclaimed(const std::string& id) = 0;
    virtual std::vector<Unclaimed> expire_unclaimed(Time before) = 0;

    virtual std::optional<CommandOutcome> command(const std::string& uid) = 0;
    virtual void put_command(const std::string& uid, const CommandOutcome& outcome) = 0;

    virtual void append(const JournalEntry& entry) = 0;
    /// `message` carries no secret.
    virtual void reject(const std::string& message, const std::string& reason, Time at) = 0;

    /// Every member of a group, as put() has seen it last.
    virtual std::vector<Neighbour> members(const std::string& group) = 0;
    /// How many replacements that can wait are under way.
    virtual std::size_t voluntary_replacements() = 0;

    /// What a retired name left.
    virtual std::optional<KeptImages> kept_images(const std::string& name) = 0;
    virtual void keep_images(const KeptImages& kept) = 0;
    virtual void forget_images(const std::string& name) = 0;

    virtual std::vector<PoolHealth> pools() = 0;
    virtual void put_pool(const PoolHealth& health) = 0;
};

}  // namespace fleet
