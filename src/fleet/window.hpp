#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace fleet {

/// A span of every day, in minutes since midnight UTC; it may go over midnight.
struct Window {
    int from = 0;
    int to = 0;
};

/// `HH:MM-HH:MM`; the error is a sentence.
base::Result<Window> parse_window(std::string_view text);

/// Whether the moment lies in the window, whose end is not part of it.
bool is_within(const Window& window, base::Time when);

/// When the window next begins, at or after the moment.
base::Time next_begin(const Window& window, base::Time when);

}  // namespace fleet
