#include <algorithm>

#include "base/contains.hpp"
#include "fleet/launch.hpp"
#include "fleet/status.hpp"
#include "simulation/checks.hpp"

/// What follows from the commands about a name that goes on.
namespace simulation {
namespace {

/// What was under way when a command was carried out arrives within so long.
constexpr Duration arrives_within = 1s;

}  // namespace

/// When such an order was carried out last.
std::optional<Time> Checks::carried_out(const Wish& wish, auto is_meant) const {
    std::optional<Time> last;
    for (const auto& order : wish.orders) {
        const auto outcome = is_meant(order) ? ledger_.command(order.uid) : std::nullopt;
        if (outcome && is_carried_out(*outcome)) {
            last = std::max(last.value_or(outcome->at), outcome->at);
        }
    }
    return last;
}

/// What was asked for at that time is not wanted any more, as its user said.
bool Checks::was_ordered_away(const std::string& uid, Time since) const {
    const auto wish = wishes_.find(uid);
    const auto when =
        wish == wishes_.end() ? std::nullopt : carried_out(wish->second, [](const Order& order) {
            return order.command == "replace" || order.command == "pause" || order.replace;
        });
    return when && *when + arrives_within >= since;
}

bool Checks::was_given_back(const std::string& uid, Time since) const {
    const auto wish = wishes_.find(uid);
    const auto when =
        wish == wishes_.end()
            ? std::nullopt
            : carried_out(wish->second, [](const Order& order) { return order.command == "pause"; });
    return when && *when + arrives_within >= since;
}

/// A name that is paused asks for nothing.
void Checks::see_rest(const Tags& tags) {
    const auto record = ledger_.records().find(tags.name);
    const auto wish = wishes_.find(tags.uid);
    if (record == ledger_.records().end() || record->second.uid != tags.uid || wish == wishes_.end() ||
        record->second.intent != fleet::Intent::paused) {
        return;
    }
    const auto when = carried_out(wish->second, [](const Order& order) { return order.command == "pause"; });
    if (when && *when + arrives_within < stage_.now()) {
        stage_.violated("paused: " + tags.name + " asks for a machine");
    }
}

std::optional<std::string> Checks::why_not_as_ordered(const Wish& wish, const fleet::Record& record) {
    for (const auto& order : wish.orders) {
        if (!ledger_.command(order.uid)) {
            return "its " + order.command + " " + order.uid + " is not decided on";
        }
        if (ledger_.command(order.uid)->reason.contains("has no image yet")) {
            // It has the spec that it had before.
            return std::nullopt;
        }
    }
    if (fleet::parse_spec(wish.spec()) != record.spec) {
        return "it has another spec than its user gave it last";
    }
    if (wish.paused() || !wish.replacing_update()) {
        return std::nullopt;
    }
    for (const auto& [id, machine] : world_.ec2.machines) {
        const auto& pool = machine.pool;
        if (machine.tags.uid == wish.uid && machine.is_ours() && machine.is_alive() &&
            (!base::contains(record.spec.instance_types, pool.instance_type) ||
             !base::contains(record.spec.subnet_ids, pool.subnet_id))) {
            return "its machine is of an older spec, " + word(pool);
        }
    }
    return std::nullopt;
}

std::optional<std::string> Checks::what_is_not_given_back(const Wish& wish, const fleet::Record& record) {
    const auto status = fleet::status_of(record);
    if (status.state != fleet::State::paused) {
        return "it is not paused: " + status.reason;
    }
    for (const auto& [id, request] : world_.ec2.requests) {
        if (request.tags.uid == wish.uid && request.state == fleet::RequestState::open) {
            return "it is paused, and spot request " + id + " is open";
        }
    }
    for (const auto& [id, machine] : world_.ec2.machines) {
        if (machine.tags.uid == wish.uid && machine.is_ours() &&
            machine.state < fleet::Ec2State::shutting_down) {
            return "it is paused, and machine " + id + " is there";
        }
    }
    return std::nullopt;
}

}  // namespace simulation
