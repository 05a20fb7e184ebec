#include <algorithm>
#include <ranges>

#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "simulation/mutation.hpp"

/// Faults about images.
namespace simulation {

using fleet::Image;
using fleet::ImageOrigin;
using fleet::ImageState;
using fleet::Record;
using fleet::Verdict;

namespace {

bool is_removable(const Image& image) {
    return image.origin == ImageOrigin::made && fleet::is_usable(image);
}

/// Not those that must be kept for another reason.
void remove_older(Record& record, fleet::Time now, auto may_go) {
    const auto newest_first = std::views::reverse(record.images);
    const auto newest = std::ranges::find_if(newest_first, [](const Image& image) {
        return is_removable(image) && image.verdict == Verdict::good;
    });
    for (auto& image : record.images) {
        if (newest != newest_first.end() && image.number < newest->number && is_removable(image) &&
            may_go(image)) {
            image.removing = now;
        }
    }
}

bool is_used(const Record& record, const Image& image) {
    return std::ranges::any_of(record.launches, [&](const fleet::Launch& launch) {
        return !launch.terminated && fleet::is_of_image(launch, image);
    });
}

void boot_newest(Record& record) {
    auto* attempt = record.launches.empty() ? nullptr : fleet::newest_attempt(record.launches.back());
    const auto newest_first = std::views::reverse(record.images);
    const auto newest = std::ranges::find_if(newest_first, fleet::is_usable);
    if (attempt && !attempt->sent && !attempt->closed && newest != newest_first.end()) {
        attempt->image_id = newest->id;
    }
}

}  // namespace

void MutatedLedger::change_images(Record& record) const {
    switch (mutation_) {
        case Mutation::newest_good_is_removed:
            for (auto& image : record.images) {
                if (is_removable(image) && image.verdict == Verdict::good) {
                    image.removing = now_;
                }
            }
            break;
        case Mutation::verdicts_are_forgotten:
            for (auto& image : record.images) {
                image.verdict = Verdict::candidate;
            }
            break;
        case Mutation::notices_boot_the_newest:
            boot_newest(record);
            break;
        case Mutation::removal_ends_early:
            std::erase_if(record.images, [](const Image& image) { return image.removing.has_value(); });
            break;
        case Mutation::images_in_use_are_removed:
            if (std::ranges::none_of(record.images, fleet::is_being_made)) {
                remove_older(record, now_, [&](const Image& image) { return is_used(record, image); });
            }
            break;
        case Mutation::images_go_before_the_next:
            if (std::ranges::any_of(record.images, fleet::is_being_made)) {
                remove_older(record, now_, [&](const Image& image) { return !is_used(record, image); });
            }
            break;
        case Mutation::retention_is_forgotten:
            for (auto& image : record.images) {
                if (image.available && !image.deregistered) {
                    image.removing.reset();
                }
            }
            break;
        case Mutation::pending_is_believed:
            for (auto& image : record.images) {
                if (image.answered && image.state == ImageState::pending) {
                    image.state = ImageState::available;
                }
            }
            break;
        case Mutation::removal_is_not_asked:
            if (record.retirement) {
                record.retirement->remove_images = false;
                for (auto& image : record.images) {
                    image.removing.reset();
                }
            }
            break;
        case Mutation::tests_serve: {
            const auto test = std::ranges::find_if(record.tests, [](const fleet::Launch& launch) {
                return launch.machine && !launch.abandoned;
            });
            if (test != record.tests.end()) {
                record.launches.push_back(*test);
                record.tests.erase(test);
            }
            break;
        }
        default:
            break;
    }
}

}  // namespace simulation
