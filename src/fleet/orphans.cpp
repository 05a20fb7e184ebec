#include "fleet/orphans.hpp"

#include <algorithm>

namespace fleet {
namespace {

constexpr Duration young = std::chrono::minutes{1};
constexpr int generation_max = 1'000'000;

}  // namespace

bool can_adopt(const Record& record, const Stray& stray) {
    if (!stray.generation || *stray.generation < 1 || *stray.generation > generation_max) {
        return false;
    }
    const auto launch = std::ranges::find(record.launches, *stray.generation, &Launch::generation);
    if (launch == record.launches.end()) {
        return record.launches.empty() || *stray.generation > record.launches.front().generation;
    }
    return std::ranges::any_of(launch->attempts, [&](const Attempt& attempt) {
        return attempt.sent && !attempt.answered && (stray.token.empty() || attempt.token == stray.token);
    });
}

Fate fate_of(const Stray& stray, const Record* record, const std::optional<Grave>& grave, Time first_seen,
             Time now, const Policy& policy) {
    if (record && can_adopt(*record, stray)) {
        return Fate::adopt;
    }
    if (stray.since && now - *stray.since <= young) {
        return Fate::wait;
    }
    const bool to_end = policy.end_orphans && !record && grave && grave->kept != stray.id &&
                        now - grave->at > policy.orphan_grace && now - first_seen > policy.orphan_grace;
    return to_end ? Fate::end : Fate::report;
}

}  // namespace fleet
