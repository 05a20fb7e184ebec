#include "fleet/window.hpp"

#include <optional>
#include <string>

#include "base/text.hpp"

namespace fleet {
namespace {

/// `HH:MM`, in minutes since midnight.
std::optional<int> parse_minute(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    const auto hour = base::parse_number(text.substr(0, 2));
    const auto minute = base::parse_number(text.substr(3));
    if (!hour || !minute || *hour > 23 || *minute > 59) {
        return std::nullopt;
    }
    return static_cast<int>(*hour * 60 + *minute);
}

int minute_of_day(base::Time when) {
    return static_cast<int>(
        std::chrono::floor<std::chrono::minutes>(when - std::chrono::floor<std::chrono::days>(when)).count());
}

}  // namespace

base::Result<Window> parse_window(std::string_view text) {
    const auto [from, to] = base::split_once(text, '-');
    const auto begin = parse_minute(from);
    const auto end = parse_minute(to);
    if (!begin || !end || *begin == *end) {
        return base::fail("\"" + std::string(base::cut(text, 80)) +
                          "\" must be two different times of day in UTC such as \"02:00-05:00\"");
    }
    return Window{*begin, *end};
}

bool is_within(const Window& window, base::Time when) {
    const int minute = minute_of_day(when);
    return window.from < window.to ? minute >= window.from && minute < window.to
                                   : minute >= window.from || minute < window.to;
}

base::Time next_begin(const Window& window, base::Time when) {
    const auto today = std::chrono::floor<std::chrono::days>(when) + std::chrono::minutes{window.from};
    return today >= when ? base::Time{today} : base::Time{today + std::chrono::days{1}};
}

}  // namespace fleet
