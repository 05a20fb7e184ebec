#include "store/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "store/aged.hpp"
#include "store/format.hpp"
#include "store/keys.hpp"
#include "store/store.hpp"
#include "store/tables.hpp"

namespace store {
namespace {

std::optional<std::string> to_string(std::optional<std::string_view> text) {
    return text ? std::optional<std::string>(*text) : std::nullopt;
}

template <class T>
std::optional<T> find_decoded(const lmdb::ReadTransaction& transaction, const AgedTables& tables,
                              std::string_view id) {
    const auto found = find_aged(transaction, tables, id);
    return found ? decode<T>(found->value) : std::nullopt;
}

/// Takes away what `name` no longer owns and enters what it owns now.
void reindex(lmdb::WriteTransaction& transaction, lmdb::Table index, const std::vector<std::string>& before,
             const std::vector<std::string>& after, const std::string& name) {
    for (const auto& id : before) {
        if (std::ranges::find(after, id) == after.end()) {
            transaction.erase(index, id_key(id));
        }
    }
    for (const auto& id : after) {
        const auto owner = transaction.get(index, id_key(id));
        if (owner && *owner != name) {
            throw std::logic_error(fmt::format("{} belongs to {}, not to {}", id, *owner, name));
        }
        if (!owner) {
            transaction.put(index, id_key(id), name);
        }
    }
}

void reindex(lmdb::WriteTransaction& transaction, const Tables& tables, const fleet::Keys& before,
             const fleet::Keys& after, const std::string& name) {
    reindex(transaction, tables.by_request, before.requests, after.requests, name);
    reindex(transaction, tables.by_machine, before.machines, after.machines, name);
    reindex(transaction, tables.by_image, before.images, after.images, name);
    reindex(transaction, tables.by_dns, before.dns_names, after.dns_names, name);
}

std::optional<std::string> kept_machine(const fleet::Record& record) {
    const auto kept = record.retirement ? record.retirement->kept : std::nullopt;
    const auto launch = std::ranges::find(record.launches, kept.value_or(0), &fleet::Launch::generation);
    return kept && launch != record.launches.end() ? launch->machine : std::nullopt;
}

std::string member_key(std::string_view group, std::string_view name) {
    return owner_prefix(group) + id_key(name);
}

/// Keeps what the name shows to others in step with its record; `after` is nothing when it goes.
void show_to_others(lmdb::WriteTransaction& transaction, const Tables& tables, const fleet::Record* before,
                    const fleet::Record* after) {
    const auto& name = (after ? after : before)->name();
    if (before && before->spec.group && (!after || after->spec.group != before->spec.group)) {
        transaction.erase(tables.by_group, member_key(*before->spec.group, name));
    }
    if (after && after->spec.group) {
        transaction.put(tables.by_group, member_key(*after->spec.group, name),
                        encode(fleet::as_neighbour(*after)));
    }
    if (after && fleet::is_replacing_voluntarily(*after)) {
        transaction.put(tables.replacing, id_key(name), {});
    } else {
        transaction.erase(tables.replacing, id_key(name));
    }
}

std::string pool_key(const fleet::Pool& pool) {
    return id_key(pool.instance_type + "/" + pool.subnet_id + "/" +
                  boost::describe::enum_to_string(pool.market, "?"));
}

}  // namespace

ReadTransaction::ReadTransaction(const lmdb::ReadTransaction& transaction, const Tables& tables,
                                 const Limits& limits)
    : transaction_(transaction), tables_(tables), limits_(limits) {}

base::Result<std::optional<fleet::Record>> ReadTransaction::find(std::string_view name) const {
    const auto text = transaction_.get(tables_.records, name);
    if (!text) {
        return std::nullopt;
    }
    auto record = decode_record(*text);
    if (!record) {
        return base::fail("the record of " + std::string(name) +
                          " cannot be read: " + record.error().message);
    }
    if (record->name() != name) {
        return base::fail("the record of " + std::string(name) + " is that of " + record->name());
    }
    return std::move(*record);
}

std::vector<std::string> ReadTransaction::names(std::string_view after, std::size_t limit) const {
    std::vector<std::string> names;
    transaction_.scan(tables_.records, after, [&](std::string_view key, std::string_view) {
        if (names.size() < limit && key != after) {
            names.emplace_back(key);
        }
        return names.size() < limit;
    });
    return names;
}

std::size_t ReadTransaction::name_count() const {
    return transaction_.count(tables_.records);
}

std::optional<std::string> ReadTransaction::name_of_request(std::string_view request) const {
    return to_string(transaction_.get(tables_.by_request, id_key(request)));
}

std::optional<std::string> ReadTransaction::name_of_machine(std::string_view machine) const {
    return to_string(transaction_.get(tables_.by_machine, id_key(machine)));
}

std::optional<std::string> ReadTransaction::name_of_image(std::string_view image) const {
    return to_string(transaction_.get(tables_.by_image, id_key(image)));
}

std::optional<fleet::KeptImages> ReadTransaction::kept_images(std::string_view name) const {
    const auto text = transaction_.get(tables_.kept_images, name);
    return text ? decode<fleet::KeptImages>(*text) : std::nullopt;
}

std::optional<std::string> ReadTransaction::name_of_dns(std::string_view dns_key) const {
    return to_string(transaction_.get(tables_.by_dns, id_key(dns_key)));
}

std::vector<fleet::Neighbour> ReadTransaction::members(std::string_view group) const {
    std::vector<fleet::Neighbour> members;
    const auto prefix = owner_prefix(group);
    transaction_.scan(tables_.by_group, prefix, [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(prefix)) {
            return false;
        }
        // What cannot be read is written anew with the member's next change.
        if (auto member = decode<fleet::Neighbour>(value)) {
            members.push_back(std::move(*member));
        }
        return true;
    });
    return members;
}

std::size_t ReadTransaction::voluntary_replacements() const {
    return transaction_.count(tables_.replacing);
}

std::optional<Tombstone> ReadTransaction::tombstone(std::string_view uid) const {
    return find_decoded<Tombstone>(transaction_, tables_.tombstones, uid);
}

std::optional<Command> ReadTransaction::command(std::string_view uid) const {
    return find_decoded<Command>(transaction_, tables_.commands, uid);
}

bool ReadTransaction::seen(std::string_view id, base::Time now) const {
    const auto found = find_aged(transaction_, tables_.seen, id);
    return found && found->at >= now - limits_.memory;
}

std::optional<base::Time> ReadTransaction::seen_at(std::string_view id) const {
    const auto found = find_aged(transaction_, tables_.seen, id);
    return found ? std::optional(found->at) : std::nullopt;
}

std::vector<fleet::PoolHealth> ReadTransaction::pools() const {
    std::vector<fleet::PoolHealth> pools;
    transaction_.scan(tables_.pools, {}, [&](std::string_view, std::string_view value) {
        // What cannot be read is learned again.
        if (auto pool = decode<fleet::PoolHealth>(value)) {
            pools.push_back(std::move(*pool));
        }
        return true;
    });
    return pools;
}

std::uint64_t ReadTransaction::counter(std::string_view counter) const {
    return key_number(transaction_.get(tables_.counters, counter).value_or(""));
}

WriteTransaction::WriteTransaction(lmdb::WriteTransaction& transaction, const Tables& tables,
                                   const Limits& limits)
    : ReadTransaction(transaction, tables, limits), write_(transaction) {}

fleet::Record WriteTransaction::put(fleet::Record record) {
    const auto name = record.name();
    const auto stored = find(name);
    if (!stored) {
        throw std::logic_error(stored.error().message);
    }
    const auto revision = *stored ? (*stored)->revision : 0;
    if (record.revision != revision) {
        throw std::logic_error("the record of " + name + " is at revision " + std::to_string(revision) +
                               ", and revision " + std::to_string(record.revision) + " was to be changed");
    }
    const auto before = *stored ? fleet::keys_of(**stored) : fleet::Keys{};
    reindex(write_, tables_, before, fleet::keys_of(record), name);
    show_to_others(write_, tables_, *stored ? &**stored : nullptr, &record);
    ++record.revision;
    write_.put(tables_.records, name, encode_record(record));
    return record;
}

void WriteTransaction::erase(std::string_view name, base::Time at) {
    const auto stored = find(name);
    if (!stored) {
        throw std::logic_error(stored.error().message);
    }
    if (!*stored) {
        return;
    }
    const auto& record = **stored;
    reindex(write_, tables_, fleet::keys_of(record), {}, record.name());
    show_to_others(write_, tables_, &record, nullptr);
    write_.erase(tables_.records, name);
    put_aged(write_, tables_.tombstones, record.uid, at,
             encode(Tombstone{record.name(), record.uid, at, kept_machine(record)}), at - limits_.memory);
}

bool WriteTransaction::mark_seen(std::string_view id, base::Time at) {
    if (seen(id, at)) {
        return false;
    }
    put_aged(write_, tables_.seen, id, at, {}, at - limits_.memory);
    return true;
}

void WriteTransaction::put_command(std::string_view uid, const Command& command) {
    put_aged(write_, tables_.commands, uid, command.at, encode(command), command.at - limits_.memory);
}

void WriteTransaction::put_kept_images(const fleet::KeptImages& kept) {
    write_.put(tables_.kept_images, kept.name, encode(kept));
}

void WriteTransaction::erase_kept_images(std::string_view name) {
    write_.erase(tables_.kept_images, name);
}

void WriteTransaction::put_pool(const fleet::PoolHealth& health) {
    write_.put(tables_.pools, pool_key(health.pool), encode(health));
}

void WriteTransaction::erase_pool(const fleet::Pool& pool) {
    write_.erase(tables_.pools, pool_key(pool));
}

void WriteTransaction::count(std::string_view counter, std::uint64_t by) {
    write_.put(tables_.counters, counter, number_key(this->counter(counter) + by));
}

}  // namespace store
