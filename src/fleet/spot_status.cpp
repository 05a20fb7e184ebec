#include "fleet/spot_status.hpp"

#include <algorithm>
#include <array>

#include "base/contains.hpp"
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

Failure failure_of(const std::string& status) {
    struct Row {
        std::string_view word;
        Failure failure;
    };
    constexpr std::array<Row, 8> table{{{"capacity", Failure::capacity},
                                        {"Capacity", Failure::capacity},
                                        {"price-too-low", Failure::price},
                                        {"by-price", Failure::price},
                                        {"quota", Failure::quota},
                                        {"limit-exceeded", Failure::quota},
                                        {"not permitted", Failure::permission},
                                        {"UnauthorizedOperation", Failure::permission}}};
    const auto* found =
        std::ranges::find_if(table, [&](const Row& row) { return status.contains(row.word); });
    return found == table.end() ? Failure::other : found->failure;
}

std::optional<std::string> interruption_of(const std::string& status) {
    constexpr std::array<std::string_view, 5> to_terminate{
        "instance-terminated-capacity-oversubscribed", "marked-for-termination",
        "instance-terminated-by-price", "instance-terminated-no-capacity", "instance-terminated-by-service"};
    constexpr std::array<std::string_view, 3> to_stop{"marked-for-stop", "instance-stopped-by-price",
                                                      "instance-stopped-no-capacity"};
    const auto code = base::split_once(status, ':').first;
    if (base::contains(to_terminate, code)) {
        return "terminate";
    }
    return base::contains(to_stop, code) ? std::optional<std::string>{"stop"} : std::nullopt;
}

}  // namespace fleet
