#pragma once

#include <optional>
#include <string>

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

/// Why no image of the name can be made now, or tested, as a sentence.
std::optional<std::string> image_problem(const Record& record);
std::optional<std::string> image_test_problem(const Record& record);

/// The key of an action about an image: `image/7/make`.
std::string image_key(int number, std::string_view what);

}  // namespace fleet
