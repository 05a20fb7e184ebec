#include "manager/image_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <algorithm>

#include "fleet/images.hpp"

namespace manager {
namespace {

using fleet::Image;
using fleet::Record;

/// A launch that was to serve has shown it.
bool is_rolled_back(const Record& record, const Image& image) {
    return std::ranges::any_of(record.launches, [&](const fleet::Launch& launch) {
        return std::ranges::any_of(launch.attempts, [&](const fleet::Attempt& attempt) {
            return launch.abandoned && attempt.image_id == image.id;
        });
    });
}

/// The registration's own image is as old as the registration.
base::Time newest_good(const Record& record) {
    auto newest = record.registered;
    for (const auto& image : record.images) {
        if (image.verdict == fleet::Verdict::good && !image.deregistered) {
            newest = std::max(newest, image.chosen);
        }
    }
    return newest;
}

}  // namespace

ImageMetrics::ImageMetrics(prometheus::Registry& registry)
    : stale_(prometheus::BuildGauge()
                 .Name("spot_manager_names_without_fresh_image")
                 .Help("Names whose images are made, and that have no good one younger than image_fresh_for.")
                 .Register(registry)
                 .Add({})) {
    auto& images = prometheus::BuildCounter()
                       .Name("spot_manager_images_total")
                       .Help("What became of images of names' machines, by outcome.")
                       .Register(registry);
    for (const auto& [outcome, word] : {std::pair{Outcome::made, "made"},
                                        {Outcome::failed, "failed"},
                                        {Outcome::good, "good"},
                                        {Outcome::bad, "bad"},
                                        {Outcome::rolled_back, "rolled_back"},
                                        {Outcome::tested, "tested"},
                                        {Outcome::removed, "removed"}}) {
        images_[outcome] = &images.Add({{"outcome", word}});
    }
}

void ImageMetrics::changed(const Record* before, const Record& after) {
    if (before) {
        compare(*before, after);
    }
    place(after);
}

void ImageMetrics::forgotten(const std::string& name) {
    if (const auto known = newest_.extract(name)) {
        young_.erase({known.mapped(), name});
    }
}

void ImageMetrics::pass(base::Time now, base::Duration fresh_for) {
    while (!young_.empty() && young_.begin()->first + fresh_for < now) {
        young_.erase(young_.begin());
    }
    stale_.Set(static_cast<double>(newest_.size() - young_.size()));
}

void ImageMetrics::count(Outcome outcome) {
    images_.at(outcome)->Increment();
}

void ImageMetrics::compare(const Record& before, const Record& after) {
    for (const auto& image : before.images) {
        // EC2 has never taken it.
        if (image.sent && !image.answered && !fleet::find_image(after, image.number)) {
            count(Outcome::failed);
        }
    }
    for (const auto& image : after.images) {
        const auto* known = fleet::find_image(before, image.number);
        // What a user names again is known by its id.
        known = known ? known : fleet::find_image(before, image.id);
        const Image was = known ? *known : Image{};
        if (image.origin == fleet::ImageOrigin::made && image.available && !was.available) {
            count(Outcome::made);
        }
        if (image.origin == fleet::ImageOrigin::made && image.removing && !was.removing && !image.available) {
            count(Outcome::failed);
        }
        if (image.deregistered && !was.deregistered) {
            count(Outcome::removed);
        }
        if (image.verdict != was.verdict && image.verdict != fleet::Verdict::candidate) {
            count(image.verdict == fleet::Verdict::good ? Outcome::good : Outcome::bad);
            if (image.verdict == fleet::Verdict::bad && is_rolled_back(after, image)) {
                count(Outcome::rolled_back);
            }
        }
        for (int test = was.tests; test < image.tests; ++test) {
            count(Outcome::tested);
        }
    }
}

void ImageMetrics::place(const Record& record) {
    forgotten(record.name());
    if (record.intent == fleet::Intent::running && record.spec.image.schedule != "off") {
        const auto newest = newest_good(record);
        newest_[record.name()] = newest;
        young_.insert({newest, record.name()});
    }
}

}  // namespace manager
