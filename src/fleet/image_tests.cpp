#include <algorithm>
#include <ranges>

#include "fleet/images.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"
#include "fleet/plan.hpp"
#include "fleet/urgency.hpp"

/// Tests of images: a machine boots from one, beside what serves and unknown to DNS.
namespace fleet {
namespace {

/// Of one image, where each ends without a verdict: no capacity, a notice.
constexpr int tests_max = 3;
constexpr std::size_t tests_kept = 3;

bool has_a_chance(const Launch& launch) {
    return !launch.abandoned && !launch.let_go && !launch.lost;
}

/// Why a test that has no machine yet, or whose machine is not ready, is given up; empty while it goes on.
std::string why_over(const Record& record, const Launch& launch) {
    const auto* image = tested_image(record, launch);
    if (launch.ready) {
        return "its machine became ready";
    }
    if (!record.spec.image.test) {
        return "the spec has no image.test any more";
    }
    if (!image || !is_usable(*image)) {
        return "the image cannot be used any more";
    }
    if (image->verdict != Verdict::candidate) {
        return std::string("the image is known to be ") + (image->verdict == Verdict::good ? "good" : "bad");
    }
    return launch.notice ? "AWS takes its machine" : "";
}

void end_tests(Step& step, Time now, const Policy& policy) {
    for (auto& launch : step.record.tests) {
        if (!has_a_chance(launch)) {
            continue;
        }
        auto why = why_over(step.record, launch);
        if (why.empty() && !launch.machine && launch.started + policy.test_without_machine <= now) {
            why = "there was no machine for it";
        }
        if (why.empty()) {
            continue;
        }
        note(step, now, "image_test_over", "the test of an image is over: " + why, &launch);
        launch.abandoned = "the test of an image is over: " + why;
        if (!launch.machine) {
            launch.let_go = now;
        }
    }
}

/// The newest is what the next launch boots from.
Image* to_be_tested(Record& record) {
    if (image_test_problem(record) || needed_by(record)) {
        return nullptr;
    }
    const auto newest_first = std::views::reverse(record.images);
    const auto newest = std::ranges::find_if(newest_first, is_usable);
    const bool by_itself = record.spec.image.test->after_each && newest->origin == ImageOrigin::made &&
                           newest->tests < tests_max;
    return record.imaging.test_asked || by_itself ? &*newest : nullptr;
}

void begin_test(Step& step, Image& image, Time now) {
    auto& record = step.record;
    record.imaging.test_asked.reset();
    ++image.tests;
    Launch launch;
    launch.generation = next_generation(record);
    launch.started = now;
    launch.reason = Reason::image_test;
    launch.why = "test of image " + image.id;
    note(step, now, "image_test_started", "launch " + std::to_string(launch.generation) + ": " + launch.why,
         &launch);
    record.tests.push_back(std::move(launch));
}

/// The newest is kept in any case: its generation is not used again.
void forget_old_tests(Record& record) {
    while (record.tests.size() > tests_kept) {
        const auto& oldest = record.tests.front();
        const auto is_open = [](const Attempt& attempt) { return attempt.surplus && !attempt.surplus_ended; };
        if (!oldest.terminated || std::ranges::any_of(oldest.attempts, is_open)) {
            return;
        }
        record.tests.erase(record.tests.begin());
    }
}

}  // namespace

void plan_tests(Step& step, Time now, const Policy& policy) {
    auto& record = step.record;
    end_tests(step, now, policy);
    forget_old_tests(record);
    if (image_test_problem(record)) {
        record.imaging.test_asked.reset();
    }
    if (auto* image = to_be_tested(record)) {
        begin_test(step, *image, now);
    }
}

std::optional<Time> next_test_change(const Record& record, const Policy& policy) {
    std::optional<Time> next;
    for (const auto& launch : record.tests) {
        if (has_a_chance(launch) && !launch.machine) {
            next = std::min(next.value_or(Time::max()), launch.started + policy.test_without_machine);
        }
    }
    return next;
}

}  // namespace fleet
