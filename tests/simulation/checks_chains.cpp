#include <algorithm>
#include <ranges>

#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "simulation/checks.hpp"

/// Chains of images when nothing is under way: each is what its name's retention says, and nothing is
/// forgotten.
namespace simulation {

using fleet::Image;
using fleet::ImageOrigin;
using fleet::Record;

/// Chains that hold the image or the snapshot, those that retired names have left among them.
std::ptrdiff_t Checks::chains_with(const std::string& id) const {
    const auto is_in = [&](const auto& entry) {
        return std::ranges::any_of(entry.second.images, [&](const Image& image) {
            return image.origin == ImageOrigin::made &&
                   (image.id == id || std::ranges::find(image.snapshots, id) != image.snapshots.end());
        });
    };
    return std::ranges::count_if(ledger_.records(), is_in) + ledger_.keeps(id);
}

/// Of an image that others deregistered before we knew its id the snapshots are told of as orphans.
std::optional<std::string> Checks::what_is_in_no_chain() const {
    const auto& ec2 = world_.ec2;
    for (const auto& [id, image] : ec2.images) {
        if (!image.uid.empty() && chains_with(id) != 1) {
            return image.name + ": image " + id + " is in " + std::to_string(chains_with(id)) + " chains";
        }
    }
    for (const auto& [id, snapshot] : ec2.snapshots) {
        if (chains_with(id) == 0 && chains_with(snapshot.image) == 0 && !is_reported(id)) {
            return snapshot.name + ": snapshot " + id + " of image " + snapshot.image + " is in no chain";
        }
    }
    return std::nullopt;
}

/// Nothing that its chain holds boots, or all has failed once and its user names none: others have
/// deregistered the rest. Its group waits for it.
bool Checks::lacks_image(const Record& record) const {
    return std::ranges::any_of(ledger_.records(), [&](const auto& entry) {
        const bool counts = entry.first == record.name() ||
                            (record.spec.group && entry.second.spec.group == record.spec.group);
        return counts && std::ranges::none_of(entry.second.images, [&](const Image& image) {
                   const auto found = world_.ec2.images.find(image.id);
                   const bool boots = found != world_.ec2.images.end() && !found->second.is_bad;
                   return boots &&
                          (image.verdict != fleet::Verdict::bad || image.origin == ImageOrigin::registered);
               });
    });
}

/// One of the newest that are retained, the newest good one, or one that is in use.
bool Checks::may_stay(const Record& record, const Image& image) const {
    const auto newer = [&](const Image& other) {
        return other.number > image.number && other.origin == ImageOrigin::made && fleet::is_usable(other);
    };
    const bool newest_good =
        is_good(record.uid, image) && std::ranges::none_of(record.images, [&](const Image& other) {
            return newer(other) && is_good(record.uid, other);
        });
    return std::ranges::count_if(record.images, newer) < record.spec.image.retain || newest_good ||
           std::ranges::any_of(
               fleet::all_launches(record),
               [&](const fleet::Launch* launch) {
                   return !launch->terminated && fleet::is_of_image(*launch, image);
               });
}

std::optional<std::string> Checks::what_is_wrong_with_images(const Record& record) const {
    for (const auto& launch : record.tests) {
        if (!launch.terminated) {
            return "a test of an image is under way";
        }
    }
    for (const auto& image : record.images) {
        if (image.origin != ImageOrigin::made) {
            continue;
        }
        if (!fleet::is_usable(image)) {
            return "image " + image.id + " is being made or removed";
        }
        if (!world_.ec2.has_image(image.id)) {
            return "image " + image.id + " is not in EC2";
        }
        if (!may_stay(record, image)) {
            return "image " + image.id + " is kept, and is none of those that are retained";
        }
    }
    return std::nullopt;
}

}  // namespace simulation
