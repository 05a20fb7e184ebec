#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// Questions about a name's chain of images that its facts answer.
namespace fleet {

Image* find_image(Record& record, int number);
const Image* find_image(const Record& record, int number);

/// The newest of the chain with EC2's id: its user may have named one that was made.
const Image* find_image(const Record& record, const std::string& id);

/// It has been sent, or is about to be, and is neither available nor given up.
bool is_being_made(const Image& image);

/// A machine can boot from it, for all that is known.
bool is_usable(const Image& image);

/// The newest that a machine became ready from, if it can be used.
const Image* newest_good(const std::vector<Image>& images);

/// It boots a machine only to see whether it becomes ready.
bool is_test(const Launch& launch);

/// The image that a test is of: that of its first attempt; null for other launches, and when it is gone.
const Image* tested_image(const Record& record, const Launch& launch);

/// The image that the launch's next attempt asks for. Two minutes are no time to find out whether a candidate
/// boots: where the name is, or is about to be, without a machine, it is the newest good one. Null: none can
/// be used.
const Image* image_for(const Record& record, const Launch& launch);

/// EC2's id of it, or, where none can be used, the spec's.
std::string image_id_for(const Record& record, const Launch& launch);

/// Why the launch does not boot from the newest image, as a sentence; empty when it does.
std::string why_not_newest(const Record& record, const Launch& launch);

/// The launch may boot, or has booted, from the image.
bool is_of_image(const Launch& launch, const Image& image);

/// Until when signs of trouble do not count, since the launch's machine is rebooted for its image.
std::optional<Time> rebooting_until(const Record& record, const Launch& launch, const Policy& policy);

/// The security groups of a launch's machine: a test of an image has its own.
const std::vector<std::string>& security_groups_of(const Record& record, int generation);

/// Why no image of the name can be made now, or tested, as a sentence.
std::optional<std::string> image_problem(const Record& record);
std::optional<std::string> image_test_problem(const Record& record);

/// Why the name cannot go on with what it left when it was retired, as a sentence.
std::optional<std::string> latest_problem(const std::string& name, const std::optional<KeptImages>& kept);

/// What becomes of a chain when its name goes: it is added to what earlier lives left, if anything is.
std::optional<KeptImages> kept_of(const Record& record, std::optional<KeptImages> earlier, Time now);

/// When the schedule's next image is due, with the name's part of the spread; in the past while it waits for
/// a machine of which one can be made. None while there is no schedule, or the name does not run.
std::optional<Time> next_scheduled_image(const Record& record);

/// Why no image came of the last try, and when the next is; of an image, what keeps failing about it. Empty:
/// all is well.
std::string image_trouble(const Record& record);
std::string image_trouble(const Record& record, const Image& image);

/// What status adds about images; empty when there is nothing to say.
std::string explain_images(const Record& record);

/// The chain in sentences: what machines boot from and why, and when the next is made.
std::vector<std::string> tell_images(const Record& record);

/// The key of an action about an image: `image/7/make`.
std::string image_key(int number, std::string_view what);

/// The key under which the wait after an image that came to nothing is kept in Record::retries.
inline constexpr const char* next_image_key = "image";

}  // namespace fleet
