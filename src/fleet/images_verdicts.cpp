#include <algorithm>
#include <ranges>

#include "fleet/images.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"
#include "fleet/plan.hpp"

/// Which images the chain holds, and whether machines can boot from them.
namespace fleet {

void put_registered(Record& record, Time now) {
    const auto& id = record.spec.image_id;
    if (id == latest_image) {
        return;
    }
    Image image;
    if (const auto* known = find_image(record, id)) {
        image.verdict = known->verdict;
        image.verdict_why = known->verdict_why;
        image.judged = known->judged;
    }
    std::erase_if(record.images, [&](const Image& other) {
        return other.origin == ImageOrigin::registered && other.id == id;
    });
    image.number = ++record.imaging.last_number;
    image.origin = ImageOrigin::registered;
    image.id = id;
    image.chosen = now;
    image.announced = now;
    image.available = now;
    image.state = ImageState::available;
    record.images.push_back(std::move(image));
}

namespace {

bool has_registered(const Record& record) {
    const auto newest_first = std::views::reverse(record.images);
    const auto named = std::ranges::find(newest_first, ImageOrigin::registered, &Image::origin);
    return named != newest_first.end() && named->id == record.spec.image_id;
}

/// What a launch's machine was booted from, if it has one.
const std::string* booted_from(const Launch& launch) {
    const auto* attempt = newest_attempt(launch);
    return launch.machine && attempt && !attempt->image_id.empty() ? &attempt->image_id : nullptr;
}

void judge(Step& step, Image& image, Verdict verdict, const std::string& why, Time now) {
    image.verdict = verdict;
    image.verdict_why = why;
    image.judged = now;
    note(step, now, verdict == Verdict::good ? "image_good" : "image_bad",
         "image " + image.id + " is " + (verdict == Verdict::good ? "good" : "bad") + ": " + why);
}

}  // namespace

void see_images(Step& step, Time now) {
    auto& record = step.record;
    if (!has_registered(record)) {
        put_registered(record, now);
    }
    for (const auto* launch : all_launches(std::as_const(record))) {
        const auto* id = launch->ready ? booted_from(*launch) : nullptr;
        for (auto& image : record.images) {
            if (id && image.id == *id && image.verdict != Verdict::good) {
                judge(step, image, Verdict::good, "machine " + *launch->machine + " became ready from it",
                      *launch->ready);
            }
        }
    }
}

void judge_bad(Step& step, const Launch& launch, Time now) {
    const auto* id = booted_from(launch);
    const bool has_good = newest_good(step.record.images) != nullptr;
    for (auto& image : step.record.images) {
        // There may be nothing but what the user named.
        const bool may_be_bad = image.origin != ImageOrigin::registered || has_good;
        if (id && image.id == *id && image.verdict == Verdict::candidate && may_be_bad) {
            judge(step, image, Verdict::bad,
                  "machine " + *launch.machine + " ran for " +
                      base::format_duration(step.record.spec.readiness.patience) + " without becoming ready",
                  now);
        }
    }
}

}  // namespace fleet
