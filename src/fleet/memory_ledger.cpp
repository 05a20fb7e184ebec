#include "fleet/memory_ledger.hpp"

#include <algorithm>
#include <iterator>

#include "base/contains.hpp"

namespace fleet {
namespace {

template <class Value>
std::optional<Value> look_up(const std::map<std::string, Value>& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional{found->second};
}

template <class Predicate>
std::vector<Unclaimed> take_where(std::vector<Unclaimed>& unclaimed, Predicate predicate) {
    std::vector<Unclaimed> taken;
    std::ranges::copy_if(unclaimed, std::back_inserter(taken), predicate);
    std::erase_if(unclaimed, predicate);
    return taken;
}

}  // namespace

base::Result<std::optional<Record>> MemoryLedger::find(const std::string& name) {
    return look_up(records_, name);
}

void MemoryLedger::put(Record& record) {
    ++record.revision;
    const auto keys = keys_of(record);
    for (const auto& request : keys.requests) {
        requests_[request] = record.name();
    }
    for (const auto& machine : keys.machines) {
        machines_[machine] = record.name();
    }
    for (const auto& image : keys.images) {
        images_[image] = record.name();
    }
    for (const auto& dns_name : keys.dns_names) {
        dns_names_[dns_name] = record.name();
    }
    leave_group(record.name());
    if (const auto& group = record.spec.group) {
        groups_[*group][record.name()] = as_neighbour(record);
    }
    if (is_replacing_voluntarily(record)) {
        replacing_.insert(record.name());
    } else {
        replacing_.erase(record.name());
    }
    records_[record.name()] = record;
}

void MemoryLedger::leave_group(const std::string& name) {
    const auto found = records_.find(name);
    if (found != records_.end() && found->second.spec.group) {
        groups_[*found->second.spec.group].erase(name);
    }
}

std::vector<Neighbour> MemoryLedger::members(const std::string& group) {
    std::vector<Neighbour> members;
    if (const auto found = groups_.find(group); found != groups_.end()) {
        for (const auto& [name, member] : found->second) {
            members.push_back(member);
        }
    }
    return members;
}

std::size_t MemoryLedger::voluntary_replacements() {
    return replacing_.size();
}

void MemoryLedger::erase(const std::string& name, Time /*at*/) {
    const auto found = records_.find(name);
    if (found == records_.end()) {
        return;
    }
    gone_.insert(found->second.uid);
    leave_group(name);
    replacing_.erase(name);
    const auto is_its_own = [&](const auto& entry) { return entry.second == name; };
    std::erase_if(requests_, is_its_own);
    std::erase_if(machines_, is_its_own);
    std::erase_if(dns_names_, is_its_own);
    records_.erase(found);
}

bool MemoryLedger::is_gone(const std::string& uid) {
    return gone_.contains(uid);
}

std::optional<std::string> MemoryLedger::name_of_request(const std::string& request) {
    return look_up(requests_, request);
}

std::optional<std::string> MemoryLedger::name_of_machine(const std::string& machine) {
    return look_up(machines_, machine);
}

std::optional<std::string> MemoryLedger::name_of_image(const std::string& image) {
    return look_up(images_, image);
}

std::optional<KeptImages> MemoryLedger::kept_images(const std::string& name) {
    return look_up(kept_images_, name);
}

void MemoryLedger::keep_images(const KeptImages& kept) {
    kept_images_[kept.name] = kept;
}

void MemoryLedger::forget_images(const std::string& name) {
    kept_images_.erase(name);
}

std::optional<std::string> MemoryLedger::name_of_dns(const std::string& key) {
    return look_up(dns_names_, key);
}

bool MemoryLedger::mark_seen(const std::string& id, Time /*at*/) {
    return seen_.insert(id).second;
}

std::vector<Unclaimed> MemoryLedger::keep_unclaimed(const Unclaimed& unclaimed) {
    unclaimed_.push_back(unclaimed);
    return {};
}

std::vector<Unclaimed> MemoryLedger::take_unclaimed(const std::string& id) {
    return take_where(unclaimed_,
                      [&](const Unclaimed& unclaimed) { return base::contains(unclaimed.ids, id); });
}

std::vector<Unclaimed> MemoryLedger::expire_unclaimed(Time before) {
    return take_where(unclaimed_, [&](const Unclaimed& unclaimed) { return unclaimed.at < before; });
}

std::optional<CommandOutcome> MemoryLedger::command(const std::string& uid) {
    return look_up(commands_, uid);
}

void MemoryLedger::put_command(const std::string& uid, const CommandOutcome& outcome) {
    commands_[uid] = outcome;
}

void MemoryLedger::append(const JournalEntry& entry) {
    journal_.push_back(entry);
}

void MemoryLedger::reject(const std::string& message, const std::string& reason, Time /*at*/) {
    rejected_.push_back(reason + ": " + message);
}

std::vector<PoolHealth> MemoryLedger::pools() {
    return pools_;
}

void MemoryLedger::put_pool(const PoolHealth& health) {
    std::erase_if(pools_, [&](const PoolHealth& known) { return known.pool == health.pool; });
    pools_.push_back(health);
}

}  // namespace fleet
