#include "fleet/images.hpp"

#include <algorithm>
#include <ranges>

#include "fleet/launch.hpp"

namespace fleet {

Image* find_image(Record& record, int number) {
    const auto found = std::ranges::find(record.images, number, &Image::number);
    return found == record.images.end() ? nullptr : &*found;
}

const Image* find_image(const Record& record, int number) {
    const auto found = std::ranges::find(record.images, number, &Image::number);
    return found == record.images.end() ? nullptr : &*found;
}

const Image* find_image(const Record& record, const std::string& id) {
    const auto newest_first = std::views::reverse(record.images);
    const auto found = std::ranges::find(newest_first, id, &Image::id);
    return id.empty() || found == newest_first.end() ? nullptr : &*found;
}

bool is_being_made(const Image& image) {
    return image.origin == ImageOrigin::made && image.state <= ImageState::pending && !image.removing &&
           !image.deregistered;
}

bool is_usable(const Image& image) {
    return image.state == ImageState::available && image.announced && !image.doubted && !image.removing &&
           !image.deregistered;
}

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

std::string image_key(int number, std::string_view what) {
    return "image/" + std::to_string(number) + "/" + std::string(what);
}

}  // namespace fleet
