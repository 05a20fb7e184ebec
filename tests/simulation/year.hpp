#pragma once

#include <boost/describe/class.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "simulation/settings.hpp"

namespace simulation {

/// USD an hour.
struct Price {
    double spot = 0;
    double on_demand = 0;
};
BOOST_DESCRIBE_STRUCT(Price, (), (spot, on_demand))

/// By machine type.
using Prices = std::map<std::string, Price>;

/// One kind of name in one kind of world.
struct YearOf {
    std::string policy;
    base::json::object spec;    ///< what the policy adds to a spec
    double taken_a_month = 20;  ///< percent of the machines that AWS takes within 30 days
    Duration boots_in = 60s;    ///< from running to ready
    int names = 200;
};

/// Times without service after one interruption, in seconds.
struct Downtime {
    double mean = 0;
    double p50 = 0;
    double p99 = 0;
};

/// How they fared.
struct Fared {
    std::size_t interruptions = 0;  ///< of machines that served
    Downtime asked_anew;            ///< for a client that asks Route 53's slowest server every time
    Downtime held;                  ///< for one whose resolver holds every answer for its whole time to live
    double availability = 0;        ///< percent, for the latter
    double spot_hours = 0;
    double on_demand_hours = 0;
    double cost = 0;        ///< percent of what the same hours cost on demand; 0 without prices
    double name_hours = 0;  ///< in which the names were to be there
};

/// A year without faults but interruptions: the core as it is, on virtual time, from a seed.
Fared live_a_year(const YearOf& year, const Prices& prices, std::uint64_t seed);

/// The policies whose years are compared.
std::vector<YearOf> policies();

}  // namespace simulation
