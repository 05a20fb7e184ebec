#include "fleet/life_cycle.hpp"

#include "fleet/learn.hpp"
#include "fleet/plan.hpp"

namespace fleet {

Step begin(Spec spec, std::string uid, std::vector<Image> images, Time at, const FleetView& view, Time now,
           const Policy& policy) {
    Step step;
    step.record.uid = std::move(uid);
    step.record.spec = std::move(spec);
    step.record.registered = at;
    step.record.imaging.last_number = images.empty() ? 0 : images.back().number;
    step.record.images = std::move(images);
    for (const Side side : {Side::private_, Side::public_}) {
        if (const auto& name = step.record.dns_name(side)) {
            step.record.dns(side).zone_id = name->zone_id;
        }
    }
    note(step, at, "registered", step.record.name() + " is registered");
    plan(step, at, view, now, policy);
    return step;
}

Step advance(Record record, const Fact& fact, const FleetView& view, Time now, const Policy& policy) {
    Step step;
    step.record = std::move(record);
    learn(step, fact, view, now, policy);
    plan(step, fact.at, view, now, policy);
    return step;
}

}  // namespace fleet
