#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "fleet/group.hpp"
#include "fleet/record.hpp"

namespace store {

namespace lmdb {
class ReadTransaction;
class WriteTransaction;
}  // namespace lmdb

struct Limits;
struct Tables;

enum class CommandState { accepted, refused };
BOOST_DESCRIBE_ENUM(CommandState, accepted, refused)

/// What became of a command, by its uid; known for 15 days.
struct Command {
    std::string name;
    CommandState state = CommandState::accepted;
    std::string reason = {};  ///< one sentence, for a refused one
    base::Time at;
    std::string command = "register";  ///< the operation: `register`, `retire`, ...
};
BOOST_DESCRIBE_STRUCT(Command, (), (name, state, reason, at, command))

/// What is left of a managed instance that is gone; known for 15 days.
struct Tombstone {
    std::string name;
    std::string uid;
    base::Time at;
    std::optional<std::string> kept = {};  ///< the machine that its user keeps
};
BOOST_DESCRIBE_STRUCT(Tombstone, (), (name, uid, at, kept))

/// A message about ids that belong to nobody yet.
struct UnclaimedMessage {
    std::vector<std::string> ids;  ///< machines and spot requests that it speaks of
    std::string message;           ///< as the caller wants it back
    base::Time at;                 ///< when it was put here
};
BOOST_DESCRIBE_STRUCT(UnclaimedMessage, (), (ids, message, at))

/// A message that could not be used, kept for a person to read.
struct RejectedMessage {
    base::Time at;
    std::string reason;
    std::string head;  ///< the first 4 KiB
    std::size_t bytes = 0;
    std::string sha256;
    std::uint64_t number = 0;  ///< when read: it only grows, newer ones have greater ones
};
BOOST_DESCRIBE_STRUCT(RejectedMessage, (), (at, reason, head, bytes, sha256))

/// A record that this program cannot read. Its name is blocked until a person has dealt with it.
struct QuarantinedRecord {
    std::string name;
    std::string reason;
};

/// A journal entry and its number, which only grows; newer entries have greater ones.
using NumberedEntry = std::pair<std::uint64_t, fleet::JournalEntry>;

/// What the store holds, as it was at one moment. Lives only within its closure.
///
/// Every list comes in pages, so that no closure keeps the storage thread for long.
class ReadTransaction {
  public:
    ReadTransaction(const lmdb::ReadTransaction& transaction, const Tables& tables, const Limits& limits);

    /// The record of `name`, nothing when there is none, or the sentence why it cannot be read: such a name
    /// is blocked, and put() and erase() throw for it.
    base::Result<std::optional<fleet::Record>> find(std::string_view name) const;

    /// At most `limit` names after `after` (empty: from the start), in the order of their bytes; names with
    /// unreadable records are among them.
    std::vector<std::string> names(std::string_view after, std::size_t limit) const;

    /// How many names there are, unreadable ones included.
    std::size_t name_count() const;

    /// Whose spot request (`sir-…`), machine (`i-…`), image that we made (`ami-…`) or DNS name (in the form
    /// of fleet::Keys) this is.
    std::optional<std::string> name_of_request(std::string_view request) const;
    std::optional<std::string> name_of_machine(std::string_view machine) const;
    std::optional<std::string> name_of_image(std::string_view image) const;
    std::optional<std::string> name_of_dns(std::string_view dns_key) const;

    /// Every member of a group, as put() has seen it last.
    std::vector<fleet::Neighbour> members(std::string_view group) const;
    /// How many names have a replacement under way that could have waited.
    std::size_t voluntary_replacements() const;

    std::optional<Tombstone> tombstone(std::string_view uid) const;
    std::optional<Command> command(std::string_view uid) const;

    /// True when mark_seen() was called with `id` in the last 15 days before `now`.
    bool seen(std::string_view id, base::Time now) const;
    /// When that was, for as long as it is remembered.
    std::optional<base::Time> seen_at(std::string_view id) const;

    /// Entries numbered below `below`, newest first; of one name, or of all.
    std::vector<NumberedEntry> journal_of(std::string_view name, std::size_t limit,
                                          std::uint64_t below = UINT64_MAX) const;
    std::vector<NumberedEntry> journal(std::size_t limit, std::uint64_t below = UINT64_MAX) const;

    /// Messages numbered below `below`, newest first.
    std::vector<RejectedMessage> rejected(std::size_t limit, std::uint64_t below = UINT64_MAX) const;

    std::size_t unclaimed_count() const;

    /// What a retired name left.
    std::optional<fleet::KeptImages> kept_images(std::string_view name) const;

    /// Every pool of which something is known.
    std::vector<fleet::PoolHealth> pools() const;

    /// A counter's value, 0 when it never counted.
    std::uint64_t counter(std::string_view counter) const;

  protected:
    const lmdb::ReadTransaction& transaction_;
    const Tables& tables_;
    const Limits& limits_;
};

/// A transaction that changes the store: all of it is committed, or nothing. A closure that throws changes
/// nothing.
class WriteTransaction : public ReadTransaction {
  public:
    WriteTransaction(lmdb::WriteTransaction& transaction, const Tables& tables, const Limits& limits);

    /// Saves the record under its name with the next revision, keeps the indexes in step with what it owns,
    /// and returns it as saved. Throws std::logic_error when the record is not the latest (it was found in an
    /// earlier transaction and changed since), when what is stored cannot be read, or when it owns a spot
    /// request, machine or DNS name of another record.
    fleet::Record put(fleet::Record record);

    /// Removes the record and its index entries and leaves a tombstone. Nothing happens when there is none.
    void erase(std::string_view name, base::Time at);

    /// True the first time within 15 days; then the id is remembered.
    bool mark_seen(std::string_view id, base::Time at);

    void put_command(std::string_view uid, const Command& command);

    /// Keeps a message for two minutes. What was dropped to make room comes back: those are foreign now.
    std::vector<UnclaimedMessage> put_unclaimed(const UnclaimedMessage& message);
    /// Takes out every message that speaks of `id`, oldest first.
    std::vector<UnclaimedMessage> take_unclaimed(std::string_view id);
    /// Takes out at most `limit` messages put before `before`, oldest first.
    std::vector<UnclaimedMessage> expire_unclaimed(base::Time before, std::size_t limit);

    /// Appends to the journal of the entry's name, or only to the fleet's when it has none.
    void append(const fleet::JournalEntry& entry);

    /// Keeps the head, size and hash of a rejected message: the newest few hundred, and at most 60 a minute;
    /// others are only counted (`rejected_not_kept`). The caller has redacted secrets.
    void put_rejected(std::string_view message, std::string_view reason, base::Time at);

    void put_kept_images(const fleet::KeptImages& kept);
    void erase_kept_images(std::string_view name);
    void put_pool(const fleet::PoolHealth& health);
    void erase_pool(const fleet::Pool& pool);

    void count(std::string_view counter, std::uint64_t by = 1);

  private:
    lmdb::WriteTransaction& write_;
};

}  // namespace store
