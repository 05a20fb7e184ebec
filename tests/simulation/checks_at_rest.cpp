#include <algorithm>
#include <array>

#include "fleet/status.hpp"
#include "simulation/checks.hpp"

/// Rule 9, and what may be left when nothing is wrong any more.
namespace simulation {

using fleet::Side;

bool is_carried_out(const fleet::CommandOutcome& outcome) {
    // The same spec once more is accepted, with a reason why nothing follows from it.
    return outcome.accepted && outcome.reason.empty();
}

std::optional<std::string> Checks::what_is_missing() {
    for (const auto& [uid, wish] : wishes_) {
        if (auto missing = what_is_missing(wish)) {
            return wish.name + ": " + *missing;
        }
    }
    return what_is_in_no_chain();
}

std::optional<std::string> Checks::what_is_missing(const Wish& wish) {
    const auto outcome = ledger_.command(wish.uid);
    if (!outcome) {
        return "registration " + wish.uid + " is not decided on";
    }
    if (!is_carried_out(*outcome)) {
        return std::nullopt;
    }
    if (!wish.retired_by.empty() && !ledger_.command(wish.retired_by)) {
        return "retirement " + wish.retired_by + " is not decided on";
    }
    if (ledger_.is_gone(wish.uid)) {
        return what_is_left(wish);
    }
    const auto record = ledger_.records().find(wish.name);
    if (record == ledger_.records().end() || record->second.uid != wish.uid) {
        return "its record is not there";
    }
    if (auto wrong = what_is_wrong_with_images(record->second)) {
        return wrong;
    }
    if (lacks_image(record->second)) {
        return std::nullopt;
    }
    if (auto missing = why_not_as_ordered(wish, record->second)) {
        return missing;
    }
    return wish.paused() ? what_is_not_given_back(wish, record->second)
                         : why_not_serving(wish, record->second);
}

std::optional<std::string> Checks::why_not_serving(const Wish& wish, const fleet::Record& record) {
    const auto status = fleet::status_of(record);
    if (status.state != fleet::State::serving) {
        return "it does not serve: " + status.reason;
    }
    int alive = 0;
    for (const auto& [id, machine] : world_.ec2.machines) {
        const bool its_own = machine.tags.uid == wish.uid && machine.is_ours();
        alive += its_own && machine.is_alive() ? 1 : 0;
        if (its_own && machine.state == fleet::Ec2State::stopped) {
            return "machine " + id + " is stopped and costs money";
        }
    }
    if (alive != 1) {
        return "it has " + std::to_string(alive) + " machines";
    }
    for (const Side side : {Side::private_, Side::public_}) {
        if (!record.dns_name(side)) {
            continue;
        }
        const auto key = dns_key(record, side);
        const auto standing = key ? world_.dns.standing(*key) : std::nullopt;
        const bool serves =
            standing && std::ranges::any_of(world_.ec2.machines, [&](const auto& entry) {
                const auto& machine = entry.second;
                const auto& addresses = machine.addresses;
                return machine.tags.uid == wish.uid && machine.serves() &&
                       (side == Side::private_ ? addresses.private_ : addresses.public_) == standing->address;
            });
        if (!serves) {
            return "its DNS name points at " + (standing ? standing->address : "nothing");
        }
    }
    return std::nullopt;
}

/// Nothing of ours may be left, but for a machine that its user keeps.
std::optional<std::string> Checks::what_is_left(const Wish& wish) {
    std::string left;
    for (const auto& [id, request] : world_.ec2.requests) {
        if (request.tags.uid == wish.uid && request.state == fleet::RequestState::open) {
            left += "spot request " + id + " is left open; ";
        }
    }
    for (const auto& [id, machine] : world_.ec2.machines) {
        if (machine.tags.uid == wish.uid && machine.state < fleet::Ec2State::shutting_down &&
            machine.is_ours()) {
            left += "machine " + id + " is left; ";
        }
    }
    for (const auto& [id, image] : world_.ec2.images) {
        if (image.uid == wish.uid && (wish.remove_images || chains_with(id) == 0)) {
            left += "image " + id + " is left; ";
        }
    }
    for (const auto& [key, writes] : world_.dns.writes()) {
        const auto standing = world_.dns.standing(key);
        const bool is_its_own = key.contains("/" + wish.name + ".");
        // The name may have a successor.
        if (is_its_own && standing && standing->ours && !ledger_.records().contains(wish.name)) {
            left += "a DNS record points at " + standing->address + "; ";
        }
    }
    return left.empty() ? std::nullopt : std::optional{left};
}

}  // namespace simulation
