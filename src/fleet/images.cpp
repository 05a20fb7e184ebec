#include "fleet/images.hpp"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/contains.hpp"
#include "fleet/launch.hpp"
#include "fleet/urgency.hpp"

namespace fleet {
namespace {

constexpr std::size_t kept_max = 200;

template <class Images>
auto* find_number(Images& images, int number) {
    const auto found = std::ranges::find(images, number, &Image::number);
    return found == images.end() ? nullptr : &*found;
}

template <class Predicate>
const Image* newest(const std::vector<Image>& images, Predicate predicate) {
    const auto newest_first = std::views::reverse(images);
    const auto found = std::ranges::find_if(newest_first, predicate);
    return found == newest_first.end() ? nullptr : &*found;
}

/// Its predecessor was ended for it, as its user has ordered, and not taken away.
bool has_planned_gap(const Record& record, const Launch& launch) {
    const auto older = std::ranges::find_if(std::views::reverse(record.launches), [&](const Launch& other) {
        return other.generation < launch.generation;
    });
    return record.spec.replace == Order::stop_first && older != record.launches.rend() && older->let_go &&
           !older->notice;
}

/// The name is, or will soon be, without a machine that serves.
bool is_pressed(const Record& record, const Launch& launch) {
    constexpr std::array pressing{Reason::notice, Reason::lost, Reason::not_ready, Reason::impaired,
                                  Reason::unwell};
    return base::contains(pressing, launch.reason) ||
           (is_voluntary(launch.reason) && needed_by(record) && !has_planned_gap(record, launch));
}

}  // namespace

Image* find_image(Record& record, int number) {
    return find_number(record.images, number);
}

const Image* find_image(const Record& record, int number) {
    return find_number(record.images, number);
}

const Image* find_image(const Record& record, const std::string& id) {
    return id.empty() ? nullptr : newest(record.images, [&](const Image& image) { return image.id == id; });
}

bool is_being_made(const Image& image) {
    return image.origin == ImageOrigin::made && image.state <= ImageState::pending && !image.removing &&
           !image.deregistered;
}

bool is_usable(const Image& image) {
    return image.state == ImageState::available && image.announced && !image.doubted && !image.removing &&
           !image.deregistered;
}

const Image* newest_good(const std::vector<Image>& images) {
    return newest(images,
                  [](const Image& image) { return is_usable(image) && image.verdict == Verdict::good; });
}

bool is_test(const Launch& launch) {
    return launch.reason == Reason::image_test;
}

const Image* tested_image(const Record& record, const Launch& launch) {
    const auto* attempt = is_test(launch) ? newest_attempt(launch) : nullptr;
    return attempt ? find_image(record, attempt->image_id) : nullptr;
}

const Image* image_for(const Record& record, const Launch& launch) {
    if (const auto* tested = tested_image(record, launch)) {
        return tested;
    }
    if (const auto* good = newest_good(record.images); good && is_pressed(record, launch)) {
        return good;
    }
    if (const auto* image = newest(record.images, [](const Image& other) {
            return is_usable(other) && other.verdict != Verdict::bad;
        })) {
        return image;
    }
    // All that there is has failed once: what the user named comes first.
    const auto* named = newest(record.images, [](const Image& image) {
        return is_usable(image) && image.origin == ImageOrigin::registered;
    });
    return named ? named : newest(record.images, is_usable);
}

std::string image_id_for(const Record& record, const Launch& launch) {
    const auto* image = image_for(record, launch);
    return image ? image->id : record.spec.image_id;
}

bool is_of_image(const Launch& launch, const Image& image) {
    return !image.id.empty() && std::ranges::any_of(launch.attempts, [&](const Attempt& attempt) {
        const bool counts = is_unsettled(launch, attempt) || attempt.surplus ||
                            attempt.number == launch.attempts.back().number;
        return counts && attempt.image_id == image.id;
    });
}

std::optional<Time> rebooting_until(const Record& record, const Launch& launch, const Policy& policy) {
    std::optional<Time> until;
    for (const auto& image : record.images) {
        if (image.reboot && image.sent && image.generation == launch.generation) {
            const Time over = *image.sent + policy.reboot_for;
            until = std::max(until, std::optional{image.rebooted ? std::min(over, *image.rebooted) : over});
        }
    }
    return until;
}

const std::vector<std::string>& security_groups_of(const Record& record, int generation) {
    // A clone of production never gets production's.
    static const std::vector<std::string> none;
    const bool test = std::ranges::find(record.tests, generation, &Launch::generation) != record.tests.end();
    if (!test) {
        return record.spec.security_group_ids;
    }
    return record.spec.image.test ? record.spec.image.test->security_group_ids : none;
}

std::string image_key(int number, std::string_view what) {
    return "image/" + std::to_string(number) + "/" + std::string(what);
}

std::optional<KeptImages> kept_of(const Record& record, std::optional<KeptImages> earlier, Time now) {
    KeptImages kept = std::move(earlier).value_or(KeptImages{});
    kept.name = record.name();
    kept.at = now;
    for (const auto& image : record.images) {
        if (image.origin == ImageOrigin::made && !image.id.empty() && !image.deregistered) {
            kept.images.push_back(image);
        }
    }
    if (kept.images.size() > kept_max) {
        kept.images.erase(kept.images.begin(), kept.images.end() - kept_max);
    }
    int number = 0;
    for (auto& image : kept.images) {
        image.number = ++number;
    }
    return kept.images.empty() ? std::nullopt : std::optional{std::move(kept)};
}

}  // namespace fleet
