#include "sim/pools.hpp"

#include <charconv>

namespace sim {

std::string_view name_of(Market market) {
    return market == Market::spot ? "spot" : "on-demand";
}

void Pools::set_capacity(const Pool& pool, bool available) {
    auto& offer = edit(pool);
    offer.available = available;
    offer.machines_left.reset();
    changed();
}

void Pools::set_machines_left(const Pool& pool, long machines) {
    auto& offer = edit(pool);
    offer.available = true;
    offer.machines_left = machines;
    changed();
}

void Pools::set_price(const Pool& pool, const std::string& price) {
    edit(pool).price = price;
    changed();
}

bool Pools::available(const Pool& pool) const {
    const auto* offer = find(pool);
    return offer == nullptr || (offer->available && offer->machines_left != 0);
}

std::optional<long> Pools::machines_left(const Pool& pool) const {
    const auto* offer = find(pool);
    return offer == nullptr ? std::nullopt : offer->machines_left;
}

std::string Pools::price(const std::string& machine_type, const std::string& zone) const {
    const auto* offer = find({.machine_type = machine_type, .zone = zone, .market = Market::spot});
    return offer == nullptr || offer->price.empty() ? settings_.spot_price : offer->price;
}

void Pools::take(const Pool& pool) {
    const auto* offer = find(pool);
    for (auto& [name, known] : offers_) {
        if (&known == offer && known.machines_left) {
            --*known.machines_left;
        }
    }
}

const Pools::Offer* Pools::find(const Pool& pool) const {
    const std::string any = "*";
    const std::pair<std::string, std::string> names[] = {
        {pool.machine_type, pool.zone}, {pool.machine_type, any}, {any, pool.zone}, {any, any}};
    for (const auto& [machine_type, zone] : names) {
        const Pool name{.machine_type = machine_type, .zone = zone, .market = pool.market};
        if (const auto found = offers_.find(name); found != offers_.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

Pools::Offer& Pools::edit(const Pool& pool) {
    const auto* like = find(pool);
    const auto start = like == nullptr ? Offer{} : *like;
    return offers_.try_emplace(pool, start).first->second;
}

void Pools::changed() const {
    if (on_change) {
        on_change();
    }
}

double dollars(std::string_view price) {
    double value = -1;
    const auto* const end = price.data() + price.size();
    const auto parsed = std::from_chars(price.data(), end, value, std::chars_format::fixed);
    return parsed.ec == std::errc{} && parsed.ptr == end ? value : -1;
}

}  // namespace sim
