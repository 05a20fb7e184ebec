#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "store/format.hpp"
#include "store/keys.hpp"
#include "store/store.hpp"
#include "store/tables.hpp"
#include "store/transaction.hpp"

// History for people. Every entry has a number; the oldest make room. The entries of a name are counted in
// its index, so that one restless name cannot push out the history of the others.
namespace store {
namespace {

/// So many old entries leave with each new one, at most: a write must stay short.
constexpr int drops_at_once = 8;
constexpr auto bytes_counter = "journal_bytes";

struct Numbered {
    std::uint64_t number = 0;
    std::string value;
};

std::optional<Numbered> first(const lmdb::ReadTransaction& transaction, lmdb::Table table,
                              std::string_view prefix = {}) {
    std::optional<Numbered> found;
    transaction.scan(table, prefix, [&](std::string_view key, std::string_view value) {
        if (key.starts_with(prefix)) {
            found = {key_number(key.substr(prefix.size())), std::string(value)};
        }
        return false;
    });
    return found;
}

std::optional<Numbered> last(const lmdb::ReadTransaction& transaction, lmdb::Table table,
                             std::string_view prefix = {}) {
    const auto end = prefix.empty() ? std::string() : std::string(prefix) + number_key(UINT64_MAX);
    std::optional<Numbered> found;
    transaction.scan_back(table, end, [&](std::string_view key, std::string_view value) {
        if (key.starts_with(prefix)) {
            found = {key_number(key.substr(prefix.size())), std::string(value)};
        }
        return false;
    });
    return found;
}

void drop(lmdb::WriteTransaction& transaction, const Tables& tables, std::uint64_t number) {
    const auto text = transaction.get(tables.journal, number_key(number));
    if (!text) {
        return;
    }
    const auto bytes = key_number(transaction.get(tables.counters, bytes_counter).value_or(""));
    transaction.put(tables.counters, bytes_counter, number_key(bytes - std::min(bytes, text->size())));
    // The put has made `text` invalid.
    const auto entry =
        decode<fleet::JournalEntry>(transaction.get(tables.journal, number_key(number)).value_or(""));
    if (entry && !entry->name.empty()) {
        transaction.erase(tables.journal_by_name, owner_prefix(entry->name) + number_key(number));
    }
    transaction.erase(tables.journal, number_key(number));
}

}  // namespace

std::vector<NumberedEntry> ReadTransaction::journal(std::size_t limit, std::uint64_t below) const {
    std::vector<NumberedEntry> entries;
    transaction_.scan_back(tables_.journal, number_key(below),
                           [&](std::string_view key, std::string_view value) {
                               if (entries.size() == limit) {
                                   return false;
                               }
                               if (auto entry = decode<fleet::JournalEntry>(value)) {
                                   entries.emplace_back(key_number(key), std::move(*entry));
                               }
                               return true;
                           });
    return entries;
}

std::vector<NumberedEntry> ReadTransaction::journal_of(std::string_view name, std::size_t limit,
                                                       std::uint64_t below) const {
    const auto prefix = owner_prefix(name);
    std::vector<NumberedEntry> entries;
    transaction_.scan_back(tables_.journal_by_name, prefix + number_key(below),
                           [&](std::string_view key, std::string_view) {
                               if (entries.size() == limit || !key.starts_with(prefix)) {
                                   return false;
                               }
                               const auto number = key.substr(prefix.size());
                               const auto text = transaction_.get(tables_.journal, number);
                               if (auto entry = text ? decode<fleet::JournalEntry>(*text) : std::nullopt) {
                                   entries.emplace_back(key_number(number), std::move(*entry));
                               }
                               return true;
                           });
    return entries;
}

void WriteTransaction::append(const fleet::JournalEntry& entry) {
    const auto newest = last(transaction_, tables_.journal);
    const auto number = newest ? newest->number + 1 : 1;
    const auto text = encode(entry);
    write_.put(tables_.journal, number_key(number), text);
    count(bytes_counter, text.size());

    if (!entry.name.empty()) {
        const auto prefix = owner_prefix(entry.name);
        const auto newest_of_name = last(transaction_, tables_.journal_by_name, prefix);
        const auto total = newest_of_name ? key_number(newest_of_name->value) + 1 : 1;
        write_.put(tables_.journal_by_name, prefix + number_key(number), number_key(total));
        for (int i = 0; i < drops_at_once; ++i) {
            const auto oldest = first(transaction_, tables_.journal_by_name, prefix);
            if (total - key_number(oldest->value) < limits_.journal_entries_per_name) {
                break;
            }
            drop(write_, tables_, oldest->number);
        }
    }
    for (int i = 0; i < drops_at_once; ++i) {
        const auto oldest = first(transaction_, tables_.journal);
        const auto read = decode<fleet::JournalEntry>(oldest->value);
        const bool old = !read || read->at < entry.at - limits_.journal_age;
        if (oldest->number == number || (!old && counter(bytes_counter) <= limits_.journal_bytes)) {
            break;
        }
        drop(write_, tables_, oldest->number);
    }
}

std::vector<RejectedMessage> ReadTransaction::rejected(std::size_t limit, std::uint64_t below) const {
    std::vector<RejectedMessage> messages;
    transaction_.scan_back(tables_.rejected, number_key(below),
                           [&](std::string_view key, std::string_view value) {
                               if (messages.size() == limit) {
                                   return false;
                               }
                               if (auto message = decode<RejectedMessage>(value)) {
                                   message->number = key_number(key);
                                   messages.push_back(std::move(*message));
                               }
                               return true;
                           });
    return messages;
}

void WriteTransaction::put_rejected(std::string_view message, std::string_view reason, base::Time at) {
    const auto newest = last(transaction_, tables_.rejected);
    const auto number = newest ? newest->number + 1 : 1;
    if (number > limits_.rejected_per_minute) {
        const auto before =
            transaction_.get(tables_.rejected, number_key(number - limits_.rejected_per_minute));
        const auto read = before ? decode<RejectedMessage>(*before) : std::nullopt;
        // A clock that was set back must not stop this for long.
        if (read && read->at <= at && at - read->at < std::chrono::minutes{1}) {
            return count("rejected_not_kept");
        }
    }
    const RejectedMessage kept{
        .at = at,
        .reason = std::string(reason),
        .head = printable(base::cut(message, limits_.rejected_head_bytes)),
        .bytes = message.size(),
        .sha256 = base::sha256_hex(message),
    };
    write_.put(tables_.rejected, number_key(number), encode(kept));
    if (number > limits_.rejected_max) {
        write_.erase(tables_.rejected, number_key(number - limits_.rejected_max));
    }
    const auto oldest = first(transaction_, tables_.rejected);
    const auto read = decode<RejectedMessage>(oldest->value);
    if (!read || read->at < at - limits_.journal_age) {
        write_.erase(tables_.rejected, number_key(oldest->number));
    }
}

}  // namespace store
