#include <algorithm>

#include "base/hash.hpp"
#include "fleet/cron.hpp"
#include "fleet/images.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"
#include "fleet/plan.hpp"
#include "fleet/status.hpp"

/// When an image is made, and when one that was begun is given up.
namespace fleet {
namespace {

/// A CreateImage that EC2 does not answer for so long is not sent again.
constexpr Duration send_for = std::chrono::hours{1};

/// The name's own moment within its spread, the same every time.
Duration share_of(const std::string& uid, Duration room) {
    const auto digest = base::sha256(uid + "/image");
    const auto part = static_cast<std::int64_t>(digest[0]) * 256 + digest[1];
    return room * part / 65536;
}

/// The first time of the schedule that no image was made for, with the name's part of the spread.
std::optional<Time> scheduled_at(const Record& record, const Policy& policy) {
    const auto schedule = parse_schedule(record.spec.image.schedule);
    if (!schedule || !*schedule || !record.imaging.counted_from) {
        return std::nullopt;
    }
    const Time when = next(**schedule, *record.imaging.counted_from);
    if (when == Time::max()) {
        return std::nullopt;
    }
    const auto room = std::min(record.spec.image.spread, next(**schedule, when) - when);
    const auto share = share_of(record.uid, room);
    // Managers that were off do not make the images of all their names at once.
    return std::max(when, when + share < policy.watching_since ? policy.watching_since : when) + share;
}

struct Due {
    Time at;
    ImageCause cause = ImageCause::schedule;
};

std::optional<Due> due_of(const Record& record, const Policy& policy) {
    const auto& imaging = record.imaging;
    if (record.intent != Intent::running || std::ranges::any_of(record.images, is_being_made)) {
        return std::nullopt;
    }
    if (imaging.asked) {
        return Due{*imaging.asked, ImageCause::asked};
    }
    const auto scheduled = scheduled_at(record, policy);
    const auto failed = record.retries.find(next_image_key);
    const bool still_wanted = scheduled || imaging.again == ImageCause::asked;
    if (imaging.again && still_wanted && failed != record.retries.end()) {
        return Due{failed->second.not_before, *imaging.again};
    }
    return scheduled ? std::optional{Due{*scheduled, ImageCause::schedule}} : std::nullopt;
}

/// 3 to 128 of what AMI names may hold; unique, since a name's number is never used twice.
std::string ami_name_of(const Record& record, int number, Time now) {
    return record.name() + "/" + base::format_basic_time(now) + "/" +
           base::sha256_hex(record.uid + "/image/" + std::to_string(number)).substr(0, 12);
}

void begin_image(Step& step, const Launch& launch, ImageCause cause, Time now) {
    auto& record = step.record;
    Image image;
    image.number = ++record.imaging.last_number;
    image.origin = ImageOrigin::made;
    image.ami_name = ami_name_of(record, image.number, now);
    image.machine = *launch.machine;
    image.generation = launch.generation;
    image.cause = cause;
    image.reboot = record.spec.image.reboot;
    image.chosen = now;
    record.images.push_back(std::move(image));
}

/// Another is made after a wait that grows, a few times; then at the schedule's next time.
void count_failure(Step& step, const Image& image, const std::string& why, Time now, const Policy& policy) {
    auto& record = step.record;
    auto& retry = record.retries[next_image_key];
    ++retry.tries;
    retry.error = why;
    retry.not_before = now + backoff(record.uid, next_image_key, retry.tries, policy.image_backoff_first,
                                     policy.image_backoff_max);
    const bool again = retry.tries % policy.image_tries != 0;
    record.imaging.again = again ? std::optional{image.cause} : std::nullopt;
    note(step, now, "image_failed",
         "the image of machine " + image.machine + " came to nothing: " + why +
             (again ? "; the next try is at " + base::format_time(retry.not_before) : ""));
}

/// Why nothing will come of an image that EC2 has not answered; empty while something may.
std::string why_never_made(const Image& image, const Launch* subject, Time now, const Policy& policy) {
    const bool wanted = subject && subject->generation == image.generation;
    if (!image.sent) {
        return wanted ? "" : "the machine does not serve undisturbed any more";
    }
    const bool unknown = image.not_found && *image.not_found >= *image.sent + policy.visible_after;
    if (image.refused && (image.sends <= 1 || unknown)) {
        return *image.refused;
    }
    if (unknown && (!wanted || now > image.chosen + send_for)) {
        return "EC2 has not taken the call";
    }
    return {};
}

void give_up_unmade(Step& step, Time now, const Policy& policy) {
    auto& record = step.record;
    const auto* subject = subject_of(record, now, policy);
    for (auto image = record.images.begin(); image != record.images.end();) {
        const bool unanswered =
            image->origin == ImageOrigin::made && !image->answered && !image->deregistered;
        const auto why = unanswered ? why_never_made(*image, subject, now, policy) : std::string{};
        if (why.empty()) {
            ++image;
            continue;
        }
        // Where nothing was asked of EC2 the same is due for the machine that comes next.
        if (image->sent) {
            count_failure(step, *image, why, now, policy);
        }
        image = record.images.erase(image);
    }
}

/// EC2 has answered, and no image came of it.
void give_up_unavailable(Step& step, Time now, const Policy& policy) {
    for (auto& image : step.record.images) {
        if (image.origin != ImageOrigin::made || !image.answered || image.available || image.removing) {
            continue;
        }
        const bool too_long =
            image.state <= ImageState::pending && *image.answered + policy.image_pending_max <= now;
        const std::string why = image.deregistered                  ? "EC2 no longer knows it"
                                : image.state == ImageState::failed ? "EC2 says that it failed"
                                : too_long
                                    ? "it was pending for " + base::format_duration(policy.image_pending_max)
                                    : "";
        if (why.empty()) {
            continue;
        }
        image.removing = now;
        image.why_removed = "it never became available";
        if (image.snapshots.empty()) {
            // Whoever deregistered it has left them: they are looked for when we do so too.
            image.deregistered.reset();
        }
        count_failure(step, image, "image " + image.id + ": " + why, now, policy);
    }
}

}  // namespace

std::optional<Time> next_scheduled_image(const Record& record) {
    return record.intent == Intent::running ? scheduled_at(record, Policy{}) : std::nullopt;
}

const Launch* subject_of(const Record& record, Time now, const Policy& policy) {
    const auto* launch = record.intent == Intent::running ? serving_launch(record) : nullptr;
    if (!launch || !stays(*launch) || launch->ec2_state != Ec2State::running || launch->impaired ||
        launch->unwell || std::ranges::any_of(record.launches, is_incoming)) {
        return nullptr;
    }
    const auto reboots = rebooting_until(record, *launch, policy);
    return reboots && *reboots > now ? nullptr : launch;
}

void plan_making(Step& step, Time now, const Policy& policy) {
    auto& record = step.record;
    // Later than now: a clock was wrong.
    record.imaging.counted_from = std::min(record.imaging.counted_from.value_or(now), now);
    give_up_unmade(step, now, policy);
    give_up_unavailable(step, now, policy);
    const auto due = due_of(record, policy);
    const auto* subject = due && due->at <= now ? subject_of(record, now, policy) : nullptr;
    if (subject) {
        begin_image(step, *subject, due->cause, now);
    }
}

std::optional<Time> next_image_change(const Record& record, Time now, const Policy& policy) {
    std::optional<Time> next;
    const auto consider = [&](Time when) { next = std::min(next.value_or(Time::max()), when); };
    for (const auto& image : record.images) {
        if (is_being_made(image) && image.answered) {
            consider(*image.answered + policy.image_pending_max);
        }
    }
    if (const auto due = due_of(record, policy)) {
        const auto* serving = serving_launch(record);
        const auto reboots = serving ? rebooting_until(record, *serving, policy) : std::nullopt;
        // What keeps it from a machine that is not fit now is learned by facts, but for the end of a reboot.
        if (due->at > now || subject_of(record, now, policy)) {
            consider(due->at);
        } else if (reboots && *reboots > now) {
            consider(*reboots);
        }
    }
    return next;
}

}  // namespace fleet
