#include <algorithm>

#include "fleet/launch.hpp"
#include "fleet/status.hpp"
#include "simulation/checks.hpp"

/// Replacements that can wait: how many begin, and beside what.
namespace simulation {
namespace {

/// A machine is ended first, or another is asked for beside it, though neither must be now. One that is lost
/// must be replaced, whatever was asked for before.
bool begins(const fleet::Record& record, const fleet::Launch* before, const fleet::Launch& after) {
    if (before) {
        return after.let_go && !before->let_go && !after.lost && after.demand &&
               fleet::is_voluntary(after.demand->reason);
    }
    const auto* serving = fleet::ready_launch(record);
    return fleet::is_voluntary(after.reason) && serving && !serving->notice;
}

/// From then until it is ready, or until nothing that it has asked for can come any more.
bool is_under_way(const fleet::Record& record) {
    if (record.intent != fleet::Intent::running || record.launches.empty()) {
        return false;
    }
    const auto& newest = record.launches.back();
    const auto* attempt = fleet::newest_attempt(newest);
    const bool goes_first = newest.let_go && newest.demand && fleet::is_voluntary(newest.demand->reason);
    return goes_first ||
           (fleet::is_incoming(newest) && fleet::is_voluntary(newest.reason) && attempt && !attempt->closed);
}

bool is_available(const fleet::Record& record) {
    return fleet::serving_launch(record) && !is_under_way(record);
}

}  // namespace

void Checks::putting(const fleet::Record* before, const fleet::Record& after) {
    const bool is_new = !before || before->uid != after.uid;
    see_images(is_new ? fleet::Record{} : *before, after);
    if (is_new) {
        return;
    }
    if (after.intent != fleet::Intent::running) {
        return;
    }
    auto known = *before;
    for (const auto& launch : after.launches) {
        if (begins(after, fleet::find_by_generation(known, launch.generation), launch)) {
            see_group(after);
            see_slots(after);
        }
    }
}

/// Its members are missed already where they may be.
void Checks::see_group(const fleet::Record& record) {
    auto may_be_missing = record.spec.max_unavailable;
    std::int64_t missing = 0;
    for (const auto& [name, other] : ledger_.records()) {
        const bool is_member =
            record.spec.group && name != record.name() && other.spec.group == record.spec.group;
        if (is_member && other.intent == fleet::Intent::running) {
            missing += is_available(other) ? 0 : 1;
            may_be_missing = std::min(may_be_missing, other.spec.max_unavailable);
        }
    }
    if (missing >= may_be_missing) {
        stage_.violated("group: " + record.name() + " is replaced though it could wait, and " +
                        std::to_string(missing) + " others of its group are missing");
    }
}

void Checks::see_slots(const fleet::Record& record) {
    const auto others = std::ranges::count_if(ledger_.records(), [&](const auto& entry) {
        return entry.first != record.name() && is_under_way(entry.second);
    });
    if (static_cast<std::size_t>(others) >= stage_.settings.replacements_at_once) {
        stage_.violated("slots: " + record.name() + " is replaced though it could wait, and " +
                        std::to_string(others) + " others are");
    }
}

}  // namespace simulation
