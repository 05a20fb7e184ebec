#include "fleet/group.hpp"

#include <algorithm>

#include "base/contains.hpp"
#include "fleet/attempts.hpp"
#include "fleet/launch.hpp"
#include "fleet/status.hpp"

namespace fleet {

Neighbour as_neighbour(const Record& record) {
    Neighbour neighbour;
    neighbour.name = record.name();
    neighbour.max_unavailable = record.spec.max_unavailable;
    // A name that its user has paused is not waited for.
    const bool comes = std::ranges::any_of(record.launches, [&](const Launch& launch) {
        return is_incoming(launch) && !has_stepped_aside(record, launch);
    });
    neighbour.is_missing = record.intent == Intent::running && (!serving_launch(record) || comes);
    for (const auto& launch : record.launches) {
        const auto* attempt = newest_attempt(launch);
        const bool counts = attempt && !launch.lost && (launch.machine || !attempt->closed);
        if (counts && !base::contains(neighbour.pools, attempt->pool)) {
            neighbour.pools.push_back(attempt->pool);
        }
    }
    return neighbour;
}

bool is_replacing_voluntarily(const Record& record) {
    if (record.intent != Intent::running || record.launches.empty()) {
        return false;
    }
    const auto& newest = record.launches.back();
    const bool goes_first = newest.let_go && newest.demand && is_voluntary(newest.demand->reason);
    return goes_first ||
           (is_incoming(newest) && is_voluntary(newest.reason) && !has_stepped_aside(record, newest));
}

bool has_stepped_aside(const Record& record, const Launch& launch) {
    const auto* serving = ready_launch(record);
    return record.intent == Intent::running && serving && !serving->notice && is_incoming(launch) &&
           is_voluntary(launch.reason) && needs_attempt(launch);
}

}  // namespace fleet
