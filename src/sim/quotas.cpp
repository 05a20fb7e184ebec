#include "sim/quotas.hpp"

#include "base/text.hpp"

namespace sim {

void Quotas::set(Market market, std::optional<long> vcpus_max) {
    (market == Market::spot ? spot_ : on_demand_) = vcpus_max;
}

std::optional<long> Quotas::vcpus_max(Market market) const {
    return market == Market::spot ? spot_ : on_demand_;
}

Answer<void> Quotas::check(Market market, std::string_view machine_type, std::size_t count) {
    const auto most = vcpus_max(market);
    if (!most || in_use(market) + static_cast<long>(count) * vcpus_of(machine_type) <= *most) {
        return {};
    }
    if (market == Market::spot) {
        return refuse("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
    }
    return refuse("VcpuLimitExceeded",
                  "You have requested more vCPU capacity than your current vCPU limit of " +
                      std::to_string(*most) +
                      " allows for the instance bucket that the specified instance "
                      "type belongs to.");
}

long Quotas::in_use(Market market) {
    long vcpus = 0;
    for (const auto& [id, machine] : machines_.all()) {
        const bool runs = machine.state == MachineState::pending || machine.state == MachineState::running;
        if (runs && machine.spot_request_id.empty() == (market == Market::on_demand)) {
            vcpus += vcpus_of(machine.spec.machine_type);
        }
    }
    if (market == Market::on_demand) {
        return vcpus;
    }
    for (const auto& [id, request] : spot_requests_.all()) {
        if (request.state == "open") {
            vcpus += vcpus_of(request.ask.spec.machine_type);
        }
    }
    return vcpus;
}

long vcpus_of(std::string_view machine_type) {
    const auto size = base::split_once(machine_type, '.').second;
    if (!size.ends_with("xlarge")) {
        return size.starts_with("metal") ? 96 : 2;
    }
    const auto times = base::parse_number(size.substr(0, size.size() - std::string_view("xlarge").size()));
    return 4 * static_cast<long>(times.value_or(1));
}

}  // namespace sim
