#include <algorithm>
#include <ranges>
#include <set>

#include "fleet/images.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"
#include "fleet/plan.hpp"

/// Which images are kept, and which are removed.
namespace fleet {
namespace {

bool is_in_use(const Record& record, const Image& image) {
    return image.id == record.spec.image_id ||
           std::ranges::any_of(all_launches(record), [&](const Launch* launch) {
               const bool over = launch->terminated || (launch->lost && !launch->machine);
               return !over && is_of_image(*launch, image);
           });
}

bool is_of_ours(const Image& image) {
    return image.origin == ImageOrigin::made;
}

bool is_of_others(const Image& image) {
    return !is_of_ours(image);
}

/// The number from which on images are kept: that of the newest so many that are available.
template <class Predicate>
int kept_from(const Record& record, Predicate counts) {
    auto left = record.spec.image.retain;
    for (const auto& image : std::views::reverse(record.images)) {
        const bool available = image.state == ImageState::available && !image.removing && !image.deregistered;
        if (counts(image) && available && --left == 0) {
            return image.number;
        }
    }
    return 0;
}

/// The newest good one, and the newest good one that is ours: others may vanish as their owners like. What is
/// newer, good and only doubted stays as well: it may be the newest again.
std::set<int> newest_good_ones(const Record& record) {
    std::set<int> numbers;
    bool any = false;
    bool ours = false;
    for (const auto& image : std::views::reverse(record.images)) {
        if (image.verdict != Verdict::good || image.removing || image.deregistered) {
            continue;
        }
        if (!any || (is_of_ours(image) && !ours)) {
            numbers.insert(image.number);
        }
        any = any || is_usable(image);
        ours = ours || (is_of_ours(image) && is_usable(image));
    }
    return numbers;
}

void remove(Step& step, Image& image, std::string why, Time now) {
    image.removing = now;
    image.why_removed = std::move(why);
    note(step, now, "image_removing", "image " + image.id + " is removed: " + image.why_removed);
}

/// Nothing is removed while an image is being made: what is there may be needed if nothing comes of it.
void remove_old(Step& step, Time now) {
    auto& record = step.record;
    if (std::ranges::any_of(record.images, is_being_made)) {
        return;
    }
    const auto good = newest_good_ones(record);
    const int from = kept_from(record, is_of_ours);
    for (auto& image : record.images) {
        const bool may_go = is_of_ours(image) && !image.removing && !image.deregistered &&
                            image.number < from && !good.contains(image.number);
        if (may_go && !is_in_use(record, image)) {
            remove(step, image, std::to_string(record.spec.image.retain) + " newer ones are available", now);
        }
    }
}

/// Its user wants nothing of them kept; what EC2 has not answered for is waited for.
void remove_all(Step& step, Time now) {
    for (auto& image : step.record.images) {
        if (is_of_ours(image) && !image.id.empty() && !image.removing) {
            remove(step, image, "its name is retired", now);
        }
    }
}

/// Somebody else deregistered it: its snapshots are of no use.
void follow_others(Step& step, Time now) {
    for (auto& image : step.record.images) {
        if (is_of_ours(image) && image.deregistered && !image.removing) {
            remove(step, image, "somebody has deregistered it", now);
        }
    }
}

void forget_removed(Step& step, Time now) {
    std::erase_if(step.record.images, [&](const Image& image) {
        const bool gone =
            is_of_ours(image) && image.removing && image.deregistered && image.snapshots.empty();
        if (gone) {
            note(step, now, "image_removed",
                 "image " + image.id + " and its snapshots are removed: " + image.why_removed);
        }
        return gone;
    });
}

/// What is not ours is not removed, only forgotten when nobody needs it.
void forget_others(Record& record) {
    const auto good = newest_good_ones(record);
    const int from = kept_from(record, is_of_others);
    const auto newest_first = std::views::reverse(record.images);
    const auto named = std::ranges::find(newest_first, ImageOrigin::registered, &Image::origin);
    const int named_last = named == newest_first.end() ? 0 : named->number;
    std::erase_if(record.images, [&](const Image& image) {
        const bool old = image.deregistered || (image.number < from && !good.contains(image.number));
        const bool is_last_resort = image.number == named_last && !image.deregistered;
        return is_of_others(image) && old && !is_last_resort && !is_in_use(record, image);
    });
}

}  // namespace

void plan_keeping(Step& step, Time now) {
    follow_others(step, now);
    if (step.record.retirement) {
        if (step.record.retirement->remove_images) {
            remove_all(step, now);
        }
    } else {
        remove_old(step, now);
        forget_others(step.record);
    }
    forget_removed(step, now);
}

}  // namespace fleet
