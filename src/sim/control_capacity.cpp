#include "sim/control_capacity.hpp"

namespace sim {

namespace json = boost::json;

namespace {

json::value or_null(std::optional<long> number) {
    return number ? json::value(*number) : json::value(nullptr);
}

}  // namespace

base::Result<json::object> change_pool(Pools& pools, const json::object& body) {
    const auto text = [&body](std::string_view name, const char* otherwise) {
        const auto* value = body.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                      : std::string(otherwise);
    };
    const auto market = text("market", "spot");
    const auto price = text("price", "");
    const auto* available = body.if_contains("available");
    const auto* left = body.if_contains("instances");
    if (market != "spot" && market != "on-demand") {
        return base::fail("market must be spot or on-demand, not " + market);
    }
    if (available != nullptr && !available->is_bool()) {
        return base::fail("available must be true or false");
    }
    if (left != nullptr && (!left->is_int64() || left->get_int64() < 0)) {
        return base::fail("instances must be a whole number, 0 or more");
    }
    if (!price.empty() && dollars(price) <= 0) {
        return base::fail("price must be a decimal string above 0, not " + price);
    }
    const Pool pool{.machine_type = text("instance_type", "*"),
                    .zone = text("availability_zone", "*"),
                    .market = market == "spot" ? Market::spot : Market::on_demand};
    if (available != nullptr) {
        pools.set_capacity(pool, available->get_bool());
    }
    if (left != nullptr) {
        pools.set_machines_left(pool, left->get_int64());
    }
    if (!price.empty()) {
        pools.set_price(pool, price);
    }
    return json::object{{"instance_type", pool.machine_type},
                        {"availability_zone", pool.zone},
                        {"market", market},
                        {"available", pools.available(pool)},
                        {"instances", or_null(pools.machines_left(pool))},
                        {"price", pools.price(pool.machine_type, pool.zone)}};
}

base::Result<json::object> change_quotas(Quotas& quotas, const json::object& body) {
    for (const auto& [name, market] :
         {std::pair{"spot_vcpus", Market::spot}, std::pair{"on_demand_vcpus", Market::on_demand}}) {
        const auto* given = body.if_contains(name);
        if (given == nullptr) {
            continue;
        }
        if (!given->is_null() && (!given->is_int64() || given->get_int64() < 0)) {
            return base::fail(std::string(name) + " must be a whole number, 0 or more, or null");
        }
        quotas.set(market, given->is_null() ? std::nullopt : std::optional<long>(given->get_int64()));
    }
    return json::object{{"spot_vcpus", or_null(quotas.vcpus_max(Market::spot))},
                        {"on_demand_vcpus", or_null(quotas.vcpus_max(Market::on_demand))}};
}

}  // namespace sim
