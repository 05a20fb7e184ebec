#include "fleet/demand.hpp"

#include <algorithm>

#include "fleet/images.hpp"
#include "fleet/launch.hpp"

namespace fleet {
namespace {

bool may_be_demanded(const Launch& launch) {
    return launch.ready && !launch.notice && !launch.abandoned && !launch.let_go && !launch.lost;
}

/// A sign that has lasted for the spec's patience. We were not there to hear of its end before.
std::optional<Time> too_long(const Spec& spec, std::optional<Time> since, const Policy& policy) {
    return since ? std::optional{std::max(*since, policy.watching_since) + spec.readiness.patience}
                 : std::nullopt;
}

/// Of a machine that is ready. While it is rebooted for its image nothing counts.
std::optional<Time> sign_too_long(const Record& record, const Launch& launch, std::optional<Time> since,
                                  const Policy& policy) {
    const auto reboots = rebooting_until(record, launch, policy);
    return too_long(record.spec, since && reboots ? std::max(since, reboots) : since, policy);
}

}  // namespace

std::optional<Demand> demand_of(const Record& record, const Launch& launch, Time now, const Policy& policy) {
    const auto& spec = record.spec;
    if (!may_be_demanded(launch)) {
        return std::nullopt;
    }
    const auto machine = "machine " + *launch.machine;
    if (spec.on_impaired == OnSignal::replace) {
        if (const auto when = sign_too_long(record, launch, launch.unwell, policy); when && *when <= now) {
            return Demand{Reason::unwell,
                          *when,
                          "the probe of " + machine + " fails since " + base::format_time(*launch.unwell),
                          {}};
        }
        if (const auto when = sign_too_long(record, launch, launch.impaired, policy); when && *when <= now) {
            return Demand{
                Reason::impaired,
                *when,
                "EC2's status checks of " + machine + " fail since " + base::format_time(*launch.impaired),
                {}};
        }
    }
    if (spec.on_scheduled_change == OnSignal::replace && launch.maintenance) {
        return Demand{Reason::scheduled_change,
                      launch.maintenance->seen,
                      "AWS has planned " + launch.maintenance->code + " for " + machine,
                      {}};
    }
    if (spec.on_rebalance == OnSignal::replace && launch.rebalance) {
        return Demand{Reason::rebalance, *launch.rebalance, "AWS recommends to replace " + machine, {}};
    }
    return std::nullopt;
}

bool follows_from_signs(Reason reason) {
    return reason == Reason::unwell || reason == Reason::impaired || reason == Reason::scheduled_change ||
           reason == Reason::rebalance;
}

std::optional<Time> next_demand(const Record& record, const Launch& launch, const Policy& policy) {
    if (!may_be_demanded(launch) || launch.demand || record.spec.on_impaired != OnSignal::replace) {
        return std::nullopt;
    }
    const auto unwell = sign_too_long(record, launch, launch.unwell, policy);
    const auto impaired = sign_too_long(record, launch, launch.impaired, policy);
    return unwell && impaired ? std::min(unwell, impaired) : unwell ? unwell : impaired;
}

std::optional<Time> ready_by(const Spec& spec, const Launch& launch, const Policy& policy) {
    // Also one that EC2 has given and never starts is not waited for.
    const auto since = launch.running ? launch.running : launch.given;
    return is_incoming(launch) && is_alive(launch) ? too_long(spec, since, policy) : std::nullopt;
}

}  // namespace fleet
