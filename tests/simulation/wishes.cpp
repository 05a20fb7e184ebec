#include "simulation/wishes.hpp"

#include <algorithm>
#include <ranges>

namespace simulation {
namespace {

bool is_stop_first(const base::json::object& spec) {
    const auto* order = spec.if_contains("replace");
    return order && *order == "stop_first";
}

base::Duration patience_of(const base::json::object& spec) {
    const auto* readiness = spec.if_contains("readiness");
    const auto* said = readiness ? readiness->as_object().if_contains("patience") : nullptr;
    return said ? *base::parse_duration(said->as_string()) : base::Duration{std::chrono::minutes{10}};
}

const Order* last_of(const Wish& wish, auto is_meant) {
    const auto reversed = std::views::reverse(wish.orders);
    const auto found = std::ranges::find_if(reversed, is_meant);
    return found == reversed.end() ? nullptr : &*found;
}

}  // namespace

bool Wish::paused() const {
    const auto* last = last_of(
        *this, [](const Order& order) { return order.command == "pause" || order.command == "resume"; });
    return last && last->command == "pause";
}

const Order* Wish::replacing_update() const {
    const auto* last = last_of(*this, [](const Order& order) { return order.command == "update"; });
    return last && last->replace ? last : nullptr;
}

bool Wish::stops_first() const {
    return std::ranges::all_of(specs, is_stop_first);
}

bool Wish::ever_stopped_first() const {
    return std::ranges::any_of(specs, is_stop_first);
}

base::Duration Wish::patience() const {
    return std::ranges::min(specs | std::views::transform(patience_of));
}

}  // namespace simulation
