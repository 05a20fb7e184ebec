#include "fleet/urgency.hpp"

#include <algorithm>

#include "fleet/launch.hpp"
#include "fleet/status.hpp"

namespace fleet {
namespace {

/// When the launch's machine goes or went, for all that is known.
std::optional<Time> end_of(const Launch& launch) {
    if (launch.lost) {
        return launch.lost;
    }
    if (launch.claim) {
        return launch.claim->at;
    }
    return launch.notice ? std::optional{launch.notice->terminate_by} : std::nullopt;
}

}  // namespace

std::optional<Time> needed_by(const Record& record) {
    if (record.intent != Intent::running) {
        return std::nullopt;
    }
    const auto* serving = serving_launch(record);
    if (serving) {
        return end_of(*serving);
    }
    // What was not ready has served nobody, but a notice for it says that its successor is late already.
    std::optional<Time> last;
    for (const auto& launch : record.launches) {
        if (const auto end = end_of(launch); end && (launch.ready || !launch.lost)) {
            last = std::max(last, end);
        }
    }
    return last;
}

}  // namespace fleet
