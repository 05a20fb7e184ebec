#include "manager/unrecorded.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "manager/translate.hpp"

namespace manager {
namespace {

constexpr base::Duration young = std::chrono::minutes{1};

std::string tag(const aws::Tags& tags, const char* key) {
    const auto found = tags.find(key);
    return found == tags.end() ? "" : found->second;
}

/// The name whose record the tags mean, and no other that was registered under it before or after.
std::optional<std::string> owner_of(const aws::Tags& tags, const Records& records) {
    const auto record = records.find(tag(tags, tag_name));
    const bool same = record != records.end() && record->second->uid == tag(tags, tag_uid);
    return same ? std::optional{record->first} : std::nullopt;
}

/// The record could take it in: it has an attempt without an answer, or knows no such launch yet.
bool fits(const fleet::Record& record, int generation, const std::string& token) {
    const auto launch = std::ranges::find(record.launches, generation, &fleet::Launch::generation);
    if (launch == record.launches.end()) {
        return record.launches.empty() || generation > record.launches.front().generation;
    }
    return std::ranges::any_of(launch->attempts, [&](const fleet::Attempt& attempt) {
        return attempt.sent && !attempt.request && (token.empty() || attempt.token == token);
    });
}

/// How an unknown spot request is adopted by the record that its tags mean; nothing when it is not.
std::optional<std::pair<std::string, fleet::Adopted>> adoption(const std::string& request,
                                                               const aws::Tags& tags,
                                                               const Records& records) {
    const auto owner = owner_of(tags, records);
    const auto generation = base::parse_number(tag(tags, tag_generation));
    if (request.empty() || !owner || !generation || *generation < 1 || *generation > 1'000'000) {
        return std::nullopt;
    }
    const fleet::Adopted adopted{.generation = static_cast<int>(*generation),
                                 .request = request,
                                 .token = tag(tags, tag_token),
                                 .late = true};
    if (!fits(*records.at(*owner), adopted.generation, adopted.token)) {
        return std::nullopt;
    }
    return std::pair{*owner, adopted};
}

}  // namespace

Unrecorded find_unrecorded(const std::vector<aws::SpotRequest>& requests,
                           const std::vector<aws::Instance>& machines, const Records& records,
                           base::Time now) {
    std::set<std::string> known;
    for (const auto& [name, record] : records) {
        const auto keys = fleet::keys_of(*record);
        known.insert(keys.requests.begin(), keys.requests.end());
        known.insert(keys.machines.begin(), keys.machines.end());
    }
    const auto is_old = [now](std::optional<base::Time> since) { return !since || now - *since > young; };
    Unrecorded found;
    for (const auto& request : requests) {
        if (known.contains(request.id)) {
            continue;
        }
        if (auto adopted = adoption(request.id, request.tags, records)) {
            found.adopted.emplace_back(adopted->first, fleet::Fact{now, adopted->second});
            found.adopted.emplace_back(adopted->first, fleet::Fact{now, to_fact(request)});
            known.insert(request.id);
        } else if (is_old(request.created)) {
            found.orphans.insert({"spot_request", request.id, tag(request.tags, tag_name)});
        }
    }
    for (const auto& machine : machines) {
        // A known spot request tells of its machine by itself.
        if (known.contains(machine.id) || known.contains(machine.spot_request_id)) {
            continue;
        }
        if (auto adopted = adoption(machine.spot_request_id, machine.tags, records)) {
            found.adopted.emplace_back(adopted->first, fleet::Fact{now, adopted->second});
            found.adopted.emplace_back(
                adopted->first, fleet::Fact{now, fleet::Fulfilled{machine.spot_request_id, machine.id}});
        } else if (is_old(machine.launched)) {
            found.orphans.insert({"machine", machine.id, tag(machine.tags, tag_name)});
        }
    }
    return found;
}

std::vector<aws::Filter> tagged_requests(const std::string& store_id) {
    return {{.name = std::string("tag:") + tag_store, .values = {store_id}},
            {.name = "state", .values = {"open", "active"}}};
}

std::vector<aws::Filter> tagged_machines(const std::string& store_id) {
    return {{.name = std::string("tag:") + tag_store, .values = {store_id}},
            {.name = "instance-state-name", .values = {"pending", "running", "stopping", "stopped"}}};
}

}  // namespace manager
