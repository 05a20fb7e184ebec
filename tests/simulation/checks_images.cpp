#include <algorithm>

#include "base/contains.hpp"
#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "simulation/checks.hpp"

/// Images: what machines boot from, and what is removed.
namespace simulation {
namespace {

const std::string* image_of(const fleet::Launch& launch) {
    const auto* attempt = fleet::newest_attempt(launch);
    return launch.machine && attempt && !attempt->image_id.empty() ? &attempt->image_id : nullptr;
}

}  // namespace

void Checks::see_images(const fleet::Record& before, const fleet::Record& after) {
    for (const auto& image : before.images) {
        if (!fleet::find_image(after, image.number)) {
            see_forgotten(image);
        }
    }
    for (const auto& launch : after.launches) {
        const auto* image = image_of(launch);
        if (image && launch.ready) {
            booted_.insert({after.uid, *image});
        } else if (image && launch.demand && launch.demand->reason == fleet::Reason::not_ready) {
            failed_.insert({after.uid, *image});
        }
        for (const auto& attempt : launch.attempts) {
            if (!fleet::find_attempt(before, launch.generation, attempt.number)) {
                see_choice(after, launch, attempt.image_id);
            }
        }
    }
}

/// Nothing of it is left in EC2.
void Checks::see_forgotten(const fleet::Image& image) {
    if (image.origin != fleet::ImageOrigin::made) {
        return;
    }
    const auto* unanswered = world_.ec2.find_image(image.ami_name, Time::max());
    if (unanswered || !world_.ec2.snapshots_of(image.id).empty()) {
        stage_.violated("images: " + image.id + " is forgotten, and something of it is left");
    }
}

void Checks::see_choice(const fleet::Record& record, const fleet::Launch& launch, const std::string& id) {
    const auto other = [&](auto is_better) {
        return std::ranges::any_of(record.images, [&](const fleet::Image& image) {
            return image.id != id && fleet::is_usable(image) && is_better(image.id);
        });
    };
    const auto is_good = [&](const std::string& image) { return booted_.contains({record.uid, image}); };
    if (failed_.contains({record.uid, id}) && !is_good(id) && other([&](const std::string& image) {
            return is_good(image) || !failed_.contains({record.uid, image});
        })) {
        stage_.violated("images: " + record.name() + " boots again from " + id + ", which has failed");
    }
    if (launch.reason == fleet::Reason::notice && !is_good(id) && other(is_good)) {
        stage_.violated("images: " + record.name() + " boots from " + id +
                        " under a notice, and there is a good one");
    }
}

/// The newest that a machine became ready from is kept.
void Checks::deregistering(const std::string& id) {
    const auto image = world_.ec2.images.find(id);
    if (image == world_.ec2.images.end() || !booted_.contains({image->second.uid, id})) {
        return;
    }
    // Ids of the model grow.
    const bool newer = std::ranges::any_of(world_.ec2.images, [&](const auto& entry) {
        return entry.second.uid == image->second.uid && entry.first > id &&
               booted_.contains({entry.second.uid, entry.first}) &&
               entry.second.state == fleet::ImageState::available;
    });
    if (!newer) {
        stage_.violated("images: " + id + ", the newest good one, is removed");
    }
}

std::optional<std::string> Checks::what_is_unknown(const Wish& wish, const fleet::Record& record) {
    for (const auto& [id, image] : world_.ec2.images) {
        if (image.uid == wish.uid && !fleet::find_image(record, id)) {
            return "image " + id + " is in no chain";
        }
    }
    return std::nullopt;
}

}  // namespace simulation
