#pragma once

#include "fleet/images.hpp"
#include "story.hpp"

/// A name of which images are made, for the tests of the pure room.
namespace story {

inline Spec imaged_spec() {
    auto spec = a_spec();
    spec.image.schedule = "0 3 * * *";
    spec.image.spread = 0s;
    return spec;
}

/// Begins with a machine that serves. Image 1 is the registered one.
class Gallery : public Story {
  public:
    explicit Gallery(Spec spec = imaged_spec(), Policy policy_ = {}) : Story(std::move(spec), policy_) {
        serve(1);
    }

    void to(std::string_view time) { wait(*base::parse_time(time) - now); }

    void to_next_image() {
        wait(std::chrono::ceil<std::chrono::days>(now - 3h + 1ms) + 3h - now);
        REQUIRE(wants(ActionKind::create_image));
    }

    /// As if it had been so for as long as anybody knows.
    void judge_all(Verdict verdict) {
        for (auto& image : record.images) {
            image.verdict = verdict;
        }
        record.launches.front().attempts.front().image_id.clear();
    }

    /// The call is taken.
    void begin_image(const std::string& id) {
        const auto to_do = action(ActionKind::create_image);
        learn(ImageSending{to_do.image});
        learn(ImageAnswered{to_do.image, id});
    }

    void finish_image(const std::string& id) {
        learn(ImageDescribed{id, ImageState::available, {"snap-of-" + id}});
        REQUIRE(action(ActionKind::announce_image).id == id);
        learn(ImageAnnounced{id});
    }

    void make_image(const std::string& id) {
        to_next_image();
        begin_image(id);
        finish_image(id);
    }

    /// AWS takes the machine that serves.
    void notice() {
        const auto machine = *serving_launch(record)->machine;
        learn(Interrupted{machine, "terminate", now + 2min});
        REQUIRE(is_incoming(launch()));
    }

    /// The user asks for another machine.
    void replace() {
        learn(ReplacementAsked{});
        REQUIRE(is_incoming(launch()));
    }

    /// The newest launch's machine comes up and serves, and the older one goes.
    void move(int number) {
        const auto old = *serving_launch(record)->machine;
        serve(number);
        wait(5min);
        describe(old, Ec2State::terminated);
        REQUIRE(wants(ActionKind::terminate_machine) == false);
    }

    /// The newest launch's machine runs and never becomes ready.
    void fail_to_boot(int number) {
        const auto last = std::to_string(number);
        request("sir-" + last);
        learn(Fulfilled{"sir-" + last, "i-" + last});
        describe("i-" + last, Ec2State::running, addresses(number));
        wait(record.spec.readiness.patience);
        describe("i-" + last, Ec2State::terminated);
    }

    const Image& image(const std::string& id) const {
        const auto* found = find_image(record, id);
        REQUIRE_MESSAGE(found, id);
        return *found;
    }

    std::vector<std::string> chain() const {
        std::vector<std::string> ids;
        for (const auto& one : record.images) {
            ids.push_back(one.id);
        }
        return ids;
    }

    std::string last_noted(std::string_view event) const {
        std::string text;
        for (const auto& entry : journal) {
            text = entry.event == event ? entry.text : text;
        }
        return text;
    }
};

}  // namespace story
