#include <algorithm>
#include <ranges>

#include "fleet/images.hpp"
#include "fleet/launch.hpp"

/// What is said about images, as sentences.
namespace fleet {
namespace {

/// Of one that is newer than what is known to be good.
std::string what_is(const Image& image) {
    return is_being_made(image)            ? " and is being made of machine " + image.machine
           : !is_usable(image)             ? " and cannot be booted from"
           : image.verdict == Verdict::bad ? " and bad: " + image.verdict_why
                                           : "; no machine has booted from it yet";
}

}  // namespace

std::optional<std::string> image_problem(const Record& record) {
    if (record.retirement) {
        return "the name " + record.name() + " is being retired";
    }
    if (record.intent == Intent::paused) {
        return "the name " + record.name() + " is paused: there is no machine to make an image of";
    }
    return std::nullopt;
}

std::optional<std::string> image_test_problem(const Record& record) {
    if (auto problem = image_problem(record)) {
        return problem;
    }
    if (!record.spec.image.test) {
        return "the spec of " + record.name() +
               " has no image.test: a test boots a clone, which needs security groups of its own there";
    }
    if (std::ranges::any_of(record.tests, is_under_way)) {
        return "an image of " + record.name() + " is being tested already";
    }
    const auto newest_first = std::views::reverse(record.images);
    const auto newest = std::ranges::find_if(newest_first, is_usable);
    if (newest == newest_first.end()) {
        return "no image of " + record.name() + " is available";
    }
    if (newest->verdict != Verdict::candidate) {
        return "the newest image, " + newest->id + ", is known to be " +
               (newest->verdict == Verdict::good ? "good" : "bad: " + newest->verdict_why);
    }
    return std::nullopt;
}

std::optional<std::string> latest_problem(const std::string& name, const std::optional<KeptImages>& kept) {
    if (kept && std::ranges::any_of(kept->images, is_usable)) {
        return std::nullopt;
    }
    return "image_id is \"latest\", but no retired name " + name +
           " of this store has left an image: give the id of one";
}

std::string why_not_newest(const Record& record, const Launch& launch) {
    const auto newest_first = std::views::reverse(record.images);
    const auto newest = std::ranges::find_if(newest_first, is_usable);
    const auto* image = image_for(record, launch);
    if (is_test(launch) || !image || newest == newest_first.end() || newest->id == image->id) {
        return {};
    }
    return "launch " + std::to_string(launch.generation) + " boots from image " + image->id +
           (image->verdict == Verdict::good ? ", which is good" : "") + ", not from the newer " + newest->id +
           (newest->verdict == Verdict::bad ? ", which is bad: " + newest->verdict_why
                                            : ": no machine has booted from that one yet");
}

std::vector<std::string> tell_images(const Record& record) {
    std::vector<std::string> told;
    const auto is_ours = [](const Image& image) { return image.origin != ImageOrigin::registered; };
    const auto* good = newest_good(record.images);
    if (std::ranges::any_of(record.images, is_ours)) {
        told.push_back(good ? "The newest image that a machine became ready from is " + good->id +
                                  (good->available ? " of " + base::format_time(*good->available) : "") + "."
                            : "No machine has become ready from an image yet.");
        for (const auto& image : record.images) {
            if (!image.id.empty() && (!good || image.number > good->number)) {
                told.push_back("Image " + image.id + " is newer" + what_is(image) + ".");
            }
        }
    }
    const auto failed = record.retries.find(next_image_key);
    if (failed != record.retries.end() && !record.imaging.again) {
        told.push_back("The last image came to nothing: " + failed->second.error + ".");
    }
    if (const auto next = next_scheduled_image(record)) {
        told.push_back("The schedule's next image is due at " + base::format_time(*next) + ".");
    }
    return told;
}

std::string image_trouble(const Record& record) {
    const auto failed = record.retries.find(next_image_key);
    if (failed == record.retries.end()) {
        return {};
    }
    return "its last image came to nothing: " + failed->second.error +
           (record.imaging.again ? " (next try at " + base::format_time(failed->second.not_before) + ")"
                                 : "; the next is made at its time");
}

std::string image_trouble(const Record& record, const Image& image) {
    const auto prefix = image_key(image.number, "");
    for (auto retry = record.retries.lower_bound(prefix);
         retry != record.retries.end() && retry->first.starts_with(prefix); ++retry) {
        if (!retry->second.error.empty()) {
            return retry->second.error;
        }
    }
    return {};
}

std::string explain_images(const Record& record) {
    std::string text;
    const auto may_boot = [](const Image& image) { return is_usable(image) || image.doubted; };
    if (!record.retirement && std::ranges::none_of(record.images, may_boot)) {
        text += "; no machine can boot from any of its images: name one with PUT /instances/" + record.name();
    }
    for (const auto& image : record.images) {
        if (is_being_made(image) && image.answered) {
            text += "; image " + image.id + " is being made of machine " + image.machine;
        }
        if (const auto trouble = image_trouble(record, image); image.removing && !trouble.empty()) {
            text += "; image " + image.id + " is not removed yet: " + trouble;
        }
    }
    const auto trouble = image_trouble(record);
    return trouble.empty() ? text : text + "; " + trouble;
}

}  // namespace fleet
