#include "sim/fleets.hpp"

#include "sim/ids.hpp"

namespace sim {

Fleets::Fleets(Timeline& timeline, const Settings& settings, Pools& pools, Quotas& quotas, Images& images,
               Machines& machines, SpotRequests& spot_requests)
    : timeline_(timeline),
      settings_(settings),
      pools_(pools),
      quotas_(quotas),
      images_(images),
      machines_(machines),
      spot_requests_(spot_requests) {}

Fleet& Fleets::launch(const FleetAsk& ask) {
    Fleet fleet{.id = "fleet-" + uuid(), .created = timeline_.now(), .tags = ask.tags, .outcomes = {}};
    auto& placed = fleets_.emplace(fleet.id, fleet).first->second;
    timeline_.after(settings_.ended_request_for, [this, id = fleet.id] { fleets_.erase(id); });
    fill(placed, ask, Market::on_demand);
    fill(placed, ask, Market::spot);
    return placed;
}

const Fleet* Fleets::find(const std::string& id) const {
    const auto found = fleets_.find(id);
    return found == fleets_.end() ? nullptr : &found->second;
}

void Fleets::fill(Fleet& fleet, const FleetAsk& ask, Market market) {
    auto wanted = market == Market::spot ? ask.spot_capacity : ask.on_demand_capacity;
    const bool by_priority = market == Market::spot ? ask.spot_by_priority : ask.on_demand_by_priority;
    const auto cost = [&](const FleetPool& pool) {
        return by_priority ? pool.priority
                           : dollars(pools_.price(pool.spec.machine_type, pool.spec.zone)) / pool.weight;
    };
    std::multimap<double, const FleetPool*> pools;  // of the same cost: in the order given
    for (const auto& pool : ask.pools) {
        pools.emplace(cost(pool), &pool);
    }
    for (const auto& [ignored, tried] : pools) {
        const auto& pool = *tried;
        FleetOutcome outcome{.pool = pool, .market = market, .machine_ids = {}, .fault = {}};
        const auto reservation = resource_id("r-");
        while (wanted > 0) {
            const auto started = start(pool, market, reservation);
            if (!started) {
                outcome.fault = started.error();
                break;
            }
            auto& machine = **started;
            machine.tags = pool.machine_tags;
            for (const auto& [key, value] : ask.machine_tags) {
                machine.tags[key] = value;
            }
            machine.tags["aws:ec2:fleet-id"] = fleet.id;
            machine.tags["aws:ec2launchtemplate:id"] = pool.template_id;
            machine.client_token = fleet.id + "-" + std::to_string(outcome.machine_ids.size());
            outcome.machine_ids.push_back(machine.id);
            wanted -= pool.weight;
        }
        if (!outcome.machine_ids.empty() || !outcome.fault.code.empty()) {
            fleet.outcomes.push_back(std::move(outcome));
        }
    }
}

Answer<Machine*> Fleets::start(const FleetPool& pool, Market market, const std::string& reservation_id) {
    if (const auto usable = images_.check_launch(pool.spec.image_id); !usable) {
        return std::unexpected(usable.error());
    }
    if (market == Market::on_demand) {
        return run_on_demand(pools_, quotas_, machines_, pool.spec, reservation_id);
    }
    if (const auto allowed = quotas_.check(market, pool.spec.machine_type, 1); !allowed) {
        return std::unexpected(allowed.error());
    }
    SpotAsk ask;
    ask.spec = pool.spec;
    ask.price = pool.max_price;
    ask.tags = pool.request_tags;
    return spot_requests_.run(ask, reservation_id);
}

Answer<Machine*> run_on_demand(Pools& pools, Quotas& quotas, Machines& machines, const LaunchSpec& spec,
                               const std::string& reservation_id) {
    const Pool pool{.machine_type = spec.machine_type, .zone = spec.zone, .market = Market::on_demand};
    if (const auto allowed = quotas.check(Market::on_demand, spec.machine_type, 1); !allowed) {
        return std::unexpected(allowed.error());
    }
    if (!pools.available(pool)) {
        return refuse("InsufficientInstanceCapacity",
                      "We currently do not have sufficient " + spec.machine_type +
                          " capacity in the Availability Zone you requested (" + spec.zone + ").",
                      500);
    }
    pools.take(pool);
    return &machines.launch(spec, "", reservation_id);
}

}  // namespace sim
