#include "fleet/spot_status.hpp"

#include "base/text.hpp"

namespace fleet {

std::string explain(const Attempt& attempt, const std::string& status) {
    const auto code = base::split_once(status, ':').first;
    const auto pool = attempt.pool.instance_type + " in " + attempt.pool.subnet_id;
    if (code == "capacity-not-available") {
        return "no spot capacity for " + pool + " (capacity-not-available)";
    }
    if (code == "price-too-low") {
        return "the spot price of " + pool + " is above the limit of " +
               (attempt.max_price ? *attempt.max_price + " USD an hour" : "the on-demand price") +
               " (price-too-low)";
    }
    return status;
}

}  // namespace fleet
