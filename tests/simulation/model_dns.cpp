#include "simulation/model_dns.hpp"

#include <algorithm>

namespace simulation {

std::string ModelDns::upsert(const std::string& key, ModelWrite write) {
    auto id = "C" + std::to_string(changes_.size() + 1);
    changes_[id] = write.in_sync_from;
    add(key, std::move(write));
    return id;
}

void ModelDns::remove(const std::string& key, Time now, Time in_sync_from) {
    add(key, {.address = {}, .at = now, .in_sync_from = in_sync_from});
}

/// Servers that have a later write have left the earlier ones behind.
void ModelDns::add(const std::string& key, ModelWrite write) {
    auto& writes = writes_[key];
    for (auto earlier = writes.rbegin();
         earlier != writes.rend() && earlier->in_sync_from > write.in_sync_from; ++earlier) {
        earlier->in_sync_from = write.in_sync_from;
    }
    writes.push_back(std::move(write));
}

std::optional<ModelWrite> ModelDns::standing(const std::string& key) const {
    const auto found = writes_.find(key);
    if (found == writes_.end() || found->second.empty() || found->second.back().address.empty()) {
        return std::nullopt;
    }
    return found->second.back();
}

bool ModelDns::resolves(const std::string& address, Time now, bool or_held) const {
    return std::ranges::any_of(writes_, [&](const auto& entry) {
        const auto& writes = entry.second;
        for (std::size_t i = writes.size(); i-- > 0;) {
            const bool newest = i + 1 == writes.size();
            const bool held = newest || (or_held && writes[i + 1].in_sync_from + writes[i].ttl > now);
            if (held && writes[i].address == address) {
                return true;
            }
        }
        return false;
    });
}

}  // namespace simulation
