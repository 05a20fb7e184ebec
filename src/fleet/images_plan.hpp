#pragma once

#include <optional>
#include <vector>

#include "fleet/life_cycle.hpp"
#include "fleet/pending.hpp"

/// The decisions about images: when one is made, what is thought of it, and when it is removed.
namespace fleet {

/// The image that the spec names becomes the newest of the chain. What was known of it stays.
void put_registered(Record& record, Time now);

/// The image that the spec names is in the chain; an image that a machine became ready from is good.
void see_images(Step& step, Time now);

/// The image of a launch whose machine ran for the spec's patience without becoming ready.
void judge_bad(Step& step, const Launch& launch, Time now);

/// Chooses the next image when it is due, and gives up those that come to nothing.
void plan_making(Step& step, Time now, const Policy& policy);

/// Decides which images are removed, and forgets those of which nothing is left.
void plan_keeping(Step& step, Time now);

/// Begins and ends tests of images.
void plan_tests(Step& step, Time now, const Policy& policy);

/// When one of these would next change something though no fact is learned.
std::optional<Time> next_image_change(const Record& record, Time now, const Policy& policy);
std::optional<Time> next_test_change(const Record& record, const Policy& policy);

/// What is to be done about images in AWS; retries are not considered.
std::vector<Action> image_actions(const Record& record, Time now, const Policy& policy);

/// Whose machine an image can be made of now: it serves, is ready and nobody is about to take it away.
const Launch* subject_of(const Record& record, Time now, const Policy& policy);

}  // namespace fleet
