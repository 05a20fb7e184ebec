#include <algorithm>

#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "simulation/checks.hpp"

/// Images: what they are made of, what machines boot from, and what is removed.
namespace simulation {

using fleet::Image;
using fleet::ImageOrigin;
using fleet::Launch;
using fleet::Record;

namespace {

/// Chains are adopted: what is known of an image that we made is known to the next name too.
std::pair<std::string, std::string> key_of(const std::string& uid, const Image& image) {
    return {image.origin == ImageOrigin::made ? "" : uid, image.id};
}

const Image* booted_from(const Record& record, const Launch& launch) {
    const auto* attempt = fleet::newest_attempt(launch);
    return launch.machine && attempt ? fleet::find_image(record, attempt->image_id) : nullptr;
}

bool is_kept_from(const Image& image) {
    return image.origin == ImageOrigin::made && image.available && !image.deregistered;
}

}  // namespace

bool Checks::is_good(const std::string& uid, const Image& image) const {
    return booted_.contains(key_of(uid, image));
}

bool Checks::has_failed(const std::string& uid, const Image& image) const {
    return failed_.contains(key_of(uid, image)) && !is_good(uid, image);
}

void Checks::see_images(const Record& before, const Record& after) {
    see_verdicts(after);
    for (const auto& image : before.images) {
        const auto* now = fleet::find_image(after, image.number);
        if (!now) {
            see_forgotten(image);
        } else if (now->removing && !image.removing) {
            see_removal(after, *now);
        }
    }
    for (const auto& image : after.images) {
        const auto* known = fleet::find_image(before, image.number);
        if (image.origin == ImageOrigin::made && !image.id.empty() && (!known || known->id.empty())) {
            see_owner(after, image);
        }
    }
    for (const auto& launch : after.launches) {
        for (const auto& attempt : launch.attempts) {
            if (!fleet::find_attempt(before, launch.generation, attempt.number)) {
                see_choice(after, launch, attempt.image_id);
            }
        }
    }
}

/// What the user named has failed only where something good could have been booted from instead.
void Checks::see_verdicts(const Record& record) {
    const auto& uid = record.uid;
    for (const auto* launch : fleet::all_launches(record)) {
        const auto* image = booted_from(record, *launch);
        if (!image) {
            continue;
        }
        const bool gave_up =
            launch->running && launch->demand && launch->demand->reason == fleet::Reason::not_ready;
        if (launch->ready) {
            booted_.insert(key_of(uid, *image));
        } else if (gave_up && (image->origin != ImageOrigin::registered ||
                               std::ranges::any_of(record.images, [&](const Image& other) {
                                   return fleet::is_usable(other) && is_good(uid, other);
                               }))) {
            failed_.insert(key_of(uid, *image));
        }
    }
}

/// Nothing of it is left in EC2.
void Checks::see_forgotten(const Image& image) {
    if (image.origin == ImageOrigin::made &&
        (world_.ec2.find_image(image.ami_name, Time::max()) || !world_.ec2.snapshots_of(image.id).empty())) {
        stage_.violated("images: " + image.ami_name + " is forgotten, and something of it is left");
    }
}

/// As it is decided on. What never became available, or was deregistered by others, is of no use; a name that
/// is retired needs none.
void Checks::see_removal(const Record& record, const Image& image) {
    if (!is_kept_from(image) || record.retirement) {
        return;
    }
    const auto newer = [&](const Image& other) {
        return other.number > image.number && is_kept_from(other) && !other.removing;
    };
    if (is_good(record.uid, image) && std::ranges::none_of(record.images, [&](const Image& other) {
            return newer(other) && is_good(record.uid, other) && fleet::is_usable(other);
        })) {
        stage_.violated("images: " + image.id + ", the newest good one, is removed");
    }
    if (std::ranges::any_of(record.images, fleet::is_being_made)) {
        stage_.violated("images: " + image.id + " is removed while its successor is being made");
    }
    if (std::ranges::count_if(record.images, newer) < record.spec.image.retain) {
        stage_.violated("images: " + image.id + " is removed, and is one of the newest that are retained");
    }
}

/// It is in one chain.
void Checks::see_owner(const Record& record, const Image& image) {
    const bool of_another = std::ranges::any_of(ledger_.records(), [&](const auto& entry) {
        return entry.first != record.name() && fleet::find_image(entry.second, image.id);
    });
    if (of_another || ledger_.keeps(image.id) > 0) {
        stage_.violated("images: " + image.id + " is in two chains");
    }
}

/// A bad image costs at most one failed launch: once a machine from it has been given up, no attempt is begun
/// with it where there is something else. What is under way by then (a test beside a launch) may fail as
/// well. A test boots what it is to test. Under a notice only what is good is booted from, where there is
/// such a thing.
void Checks::see_choice(const Record& record, const Launch& launch, const std::string& id) {
    const auto* image = fleet::find_image(record, id);
    if (!image) {
        return;
    }
    const auto& uid = record.uid;
    const auto other = [&](auto is_better) {
        return std::ranges::any_of(record.images, [&](const Image& candidate) {
            return candidate.id != id && fleet::is_usable(candidate) && is_better(candidate);
        });
    };
    if (has_failed(uid, *image) &&
        other([&](const Image& candidate) { return !has_failed(uid, candidate); })) {
        stage_.violated("images: " + record.name() + " boots again from " + id + ", which has failed");
    }
    if (launch.reason == fleet::Reason::notice && !is_good(uid, *image) &&
        other([&](const Image& candidate) { return is_good(uid, candidate); })) {
        stage_.violated("images: " + record.name() + " boots from " + id +
                        " under a notice, and there is a good one");
    }
}

/// The record is read as it is durable when the call leaves.
void Checks::making_image(const std::string& name, const Image& image) {
    const auto found = ledger_.records().find(name);
    auto record = found == ledger_.records().end() ? Record{} : found->second;
    const auto* launch = fleet::find_by_generation(record, image.generation);
    if (!launch || launch->machine != image.machine || !fleet::stays(*launch) ||
        record.intent != fleet::Intent::running) {
        return stage_.violated("images: " + name + " asks for one of machine " + image.machine +
                               ", which is not ready or is being taken");
    }
    for (const auto& [id, other] : world_.ec2.images) {
        const auto* known = fleet::find_image(record, id);
        const bool given_up = known && known->removing;
        if (other.machine == image.machine && other.state == fleet::ImageState::pending && !given_up &&
            other.ami_name != image.ami_name) {
            stage_.violated("images: " + name + " asks for one while " + id + " is pending");
        }
    }
}

void Checks::deregistering(const std::string& id) {
    const auto& ec2 = world_.ec2;
    const auto image = ec2.images.find(id);
    if (image == ec2.images.end()) {
        return;
    }
    const auto owner = std::ranges::find_if(ledger_.records(), [&](const auto& entry) {
        const auto* known = fleet::find_image(entry.second, id);
        return known && known->origin == ImageOrigin::made && known->removing;
    });
    if (owner == ledger_.records().end()) {
        return stage_.violated("images: " + id + " is deregistered, and no chain says so");
    }
    if (owner->second.retirement) {
        return;
    }
    for (const auto& [machine_id, machine] : ec2.machines) {
        if (machine.image == id && machine.is_ours() && machine.is_alive()) {
            stage_.violated("images: " + id + " is removed, and machine " + machine_id + " is of it");
        }
    }
    for (const auto& [request_id, request] : ec2.requests) {
        if (request.image == id && request.state == fleet::RequestState::open &&
            request.valid_until > stage_.now()) {
            stage_.violated("images: " + id + " is removed, and spot request " + request_id + " is for it");
        }
    }
}

void Checks::ending_image(const std::string& id) {
    if (chains_with(id) > 0) {
        stage_.violated("rule 7: image " + id + " is in a chain, and is ended as an orphan");
    }
}

}  // namespace simulation
