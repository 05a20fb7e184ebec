#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sim/fault.hpp"
#include "sim/form.hpp"
#include "sim/images.hpp"
#include "sim/machines.hpp"
#include "sim/pools.hpp"
#include "sim/quotas.hpp"
#include "sim/spot.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// One pool that a fleet may use: a launch template's version with an override.
struct FleetPool {
    std::string template_id;
    std::string template_version;  ///< as it was named
    Form overrides;
    LaunchSpec spec;
    Tags machine_tags;
    Tags request_tags;
    std::string max_price;  ///< USD an hour; empty: the on-demand price
    double weight = 1;
    double priority = 0;
};

/// What CreateFleet of the type `instant` asks for. Capacity is counted by the weights of the pools.
struct FleetAsk {
    std::vector<FleetPool> pools;
    double spot_capacity = 0;
    double on_demand_capacity = 0;
    bool spot_by_priority = false;  ///< otherwise by price
    bool on_demand_by_priority = false;
    Tags tags;
    Tags machine_tags;  ///< win over those of the template
};

/// What became of one pool of a fleet: machines, or the reason why there are none.
struct FleetOutcome {
    FleetPool pool;
    Market market = Market::spot;
    std::vector<std::string> machine_ids;
    Fault fault;
};

struct Fleet {
    std::string id;
    base::Time created;
    Tags tags;
    std::vector<FleetOutcome> outcomes;  ///< of the pools that were tried, in that order
};

/// Fleets of the type `instant`: they try once, at once, and are not maintained.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instant-fleet.html
class Fleets {
  public:
    Fleets(Timeline& timeline, const Settings& settings, Pools& pools, Quotas& quotas, Images& images,
           Machines& machines, SpotRequests& spot_requests);

    /// Tries the pools one after the other, by price or priority, until the capacity is there. Which pools
    /// EC2 takes for the deepest is not known to anybody: a pool without capacity is tried like the others.
    Fleet& launch(const FleetAsk& ask);

    /// Forgotten as long after its launch as a spot request after its end.
    const Fleet* find(const std::string& id) const;

  private:
    void fill(Fleet& fleet, const FleetAsk& ask, Market market);
    Answer<Machine*> start(const FleetPool& pool, Market market, const std::string& reservation_id);

    Timeline& timeline_;
    const Settings& settings_;
    Pools& pools_;
    Quotas& quotas_;
    Images& images_;
    Machines& machines_;
    SpotRequests& spot_requests_;
    std::map<std::string, Fleet> fleets_;
};

/// RunInstances or a fleet on the on-demand market: a machine, or the refusal of the market or of the quota.
Answer<Machine*> run_on_demand(Pools& pools, Quotas& quotas, Machines& machines, const LaunchSpec& spec,
                               const std::string& reservation_id);

}  // namespace sim
