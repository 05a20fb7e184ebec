#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "sim/fault.hpp"
#include "sim/machines.hpp"
#include "sim/pools.hpp"
#include "sim/spot.hpp"

namespace sim {

/// How many vCPUs the account may have at once on each market; open spot requests count. EC2 has a number for
/// each family of machine types, the simulator one for all.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
class Quotas {
  public:
    Quotas(Machines& machines, SpotRequests& spot_requests)
        : machines_(machines), spot_requests_(spot_requests) {}

    /// No number: any.
    void set(Market market, std::optional<long> vcpus_max);
    std::optional<long> vcpus_max(Market market) const;

    /// Refused when so many more machines are too many.
    Answer<void> check(Market market, std::string_view machine_type, std::size_t count);

  private:
    long in_use(Market market);

    Machines& machines_;
    SpotRequests& spot_requests_;
    std::optional<long> spot_;
    std::optional<long> on_demand_;
};

/// By the size in a type's name, as most families have them: `large` and smaller 2, `xlarge` 4, `8xlarge` 32.
long vcpus_of(std::string_view machine_type);

}  // namespace sim
