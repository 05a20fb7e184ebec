#include "sim/pools.hpp"

#include <charconv>

namespace sim {

void Pools::set_capacity(const std::string& machine_type, const std::string& zone, bool available) {
    edit(machine_type, zone).available = available;
    if (on_change) {
        on_change();
    }
}

void Pools::set_price(const std::string& machine_type, const std::string& zone, const std::string& price) {
    edit(machine_type, zone).price = price;
    if (on_change) {
        on_change();
    }
}

bool Pools::available(const std::string& machine_type, const std::string& zone) const {
    const auto* pool = find(machine_type, zone);
    return pool == nullptr || pool->available;
}

std::string Pools::price(const std::string& machine_type, const std::string& zone) const {
    const auto* pool = find(machine_type, zone);
    return pool == nullptr || pool->price.empty() ? settings_.spot_price : pool->price;
}

const Pools::Pool* Pools::find(const std::string& machine_type, const std::string& zone) const {
    const std::string any = "*";
    const std::pair<std::string, std::string> keys[] = {
        {machine_type, zone}, {machine_type, any}, {any, zone}, {any, any}};
    for (const auto& key : keys) {
        if (const auto found = pools_.find(key); found != pools_.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

Pools::Pool& Pools::edit(const std::string& machine_type, const std::string& zone) {
    const auto* like = find(machine_type, zone);
    const auto start = like == nullptr ? Pool{} : *like;
    return pools_.try_emplace({machine_type, zone}, start).first->second;
}

double dollars(std::string_view price) {
    double value = -1;
    const auto* const end = price.data() + price.size();
    const auto parsed = std::from_chars(price.data(), end, value, std::chars_format::fixed);
    return parsed.ec == std::errc{} && parsed.ptr == end ? value : -1;
}

}  // namespace sim
