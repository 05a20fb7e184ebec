#pragma once

#include <string>
#include <vector>

#include "fleet/fact.hpp"
#include "fleet/group.hpp"
#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// The life cycle of a managed instance: pure functions of what is known and what was learned.
namespace fleet {

/// What all names share, as the same transaction sees it.
struct FleetView {
    std::vector<PoolHealth> pools;
    std::vector<Neighbour> neighbours;  ///< the other members of the name's group
    std::size_t replacements = 0;       ///< under way in the whole fleet, of those that can wait
};

/// What follows from a fact. Everything in it is committed together or not at all.
struct Step {
    Record record;
    std::vector<PoolHealth> pools;  ///< those that changed
    std::vector<JournalEntry> journal;
};

/// A new managed instance, with its first launch chosen; `images` is what an earlier life of the name left.
Step begin(Spec spec, std::string uid, std::vector<Image> images, Time at, const FleetView& view, Time now,
           const Policy& policy);

/// Learns a fact and decides what it changes. Facts may come in any order, twice, or late: one about an older
/// launch never touches a newer one, and what is known is never unlearned.
Step advance(Record record, const Fact& fact, const FleetView& view, Time now, const Policy& policy);

}  // namespace fleet
