#include "simulation/wishes.hpp"

namespace simulation {

bool Wish::stops_first() const {
    const auto* order = spec.if_contains("replace");
    return order && *order == "stop_first";
}

base::Duration Wish::patience() const {
    const auto* readiness = spec.if_contains("readiness");
    const auto* said = readiness ? readiness->as_object().if_contains("patience") : nullptr;
    return said ? *base::parse_duration(said->as_string()) : base::Duration{std::chrono::minutes{10}};
}

}  // namespace simulation
