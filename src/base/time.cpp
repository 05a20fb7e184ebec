#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.hpp"

namespace base {
namespace {

struct CivilTime {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millisecond = 0;
};

CivilTime civil(Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    return {
        .year = static_cast<int>(date.year()),
        .month = static_cast<unsigned>(date.month()),
        .day = static_cast<unsigned>(date.day()),
        .hour = static_cast<int>(clock.hours().count()),
        .minute = static_cast<int>(clock.minutes().count()),
        .second = static_cast<int>(clock.seconds().count()),
        .millisecond = static_cast<int>(clock.subseconds().count()),
    };
}

std::optional<Time> from_civil(const CivilTime& t) {
    const std::chrono::year_month_day date{std::chrono::year{t.year}, std::chrono::month{t.month},
                                           std::chrono::day{t.day}};
    if (!date.ok() || t.hour > 23 || t.minute > 59 || t.second > 60) {
        return std::nullopt;
    }
    return Time{std::chrono::sys_days{date}} + std::chrono::hours{t.hour} + std::chrono::minutes{t.minute} +
           std::chrono::seconds{t.second} + std::chrono::milliseconds{t.millisecond};
}

/// Takes exactly `digits` digits from the front of `text`.
template <class Number>
bool take(std::string_view& text, std::size_t digits, Number& value) {
    if (text.size() < digits) {
        return false;
    }
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') {
            return false;
        }
    }
    std::from_chars(text.data(), text.data() + digits, value);
    text.remove_prefix(digits);
    return true;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

bool take_fraction(std::string_view& text, int& millisecond) {
    if (!take(text, '.')) {
        return true;
    }
    int scale = 100;
    std::size_t digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        millisecond += (text.front() - '0') * scale;
        scale /= 10;
        text.remove_prefix(1);
        ++digits;
    }
    return digits > 0;
}

bool take_zone(std::string_view& text, std::chrono::minutes& offset) {
    if (take(text, 'Z')) {
        return true;
    }
    const bool ahead = !text.empty() && text.front() == '+';
    int hours = 0;
    int minutes = 0;
    if (!(ahead || (!text.empty() && text.front() == '-'))) {
        return false;
    }
    text.remove_prefix(1);
    if (!take(text, 2, hours) || !take(text, ':') || !take(text, 2, minutes)) {
        return false;
    }
    offset = std::chrono::minutes{(ahead ? 1 : -1) * (hours * 60 + minutes)};
    return true;
}

constexpr std::array<std::pair<std::string_view, long long>, 5> duration_units{{
    {"ms", 1},
    {"s", 1000},
    {"m", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
}};

}  // namespace

std::string format_time(Time time) {
    const CivilTime t = civil(time);
    const auto seconds = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour,
                                     t.minute, t.second);
    return t.millisecond == 0 ? seconds + "Z" : fmt::format("{}.{:03}Z", seconds, t.millisecond);
}

std::optional<Time> parse_time(std::string_view text) {
    CivilTime t;
    std::chrono::minutes offset{0};
    const bool well_formed = take(text, 4, t.year) && take(text, '-') && take(text, 2, t.month) &&
                             take(text, '-') && take(text, 2, t.day) && take(text, 'T') &&
                             take(text, 2, t.hour) && take(text, ':') && take(text, 2, t.minute) &&
                             take(text, ':') && take(text, 2, t.second) &&
                             take_fraction(text, t.millisecond) && take_zone(text, offset) && text.empty();
    if (!well_formed) {
        return std::nullopt;
    }
    const auto time = from_civil(t);
    return time ? std::optional{*time - offset} : std::nullopt;
}

std::string format_basic_time(Time time) {
    const CivilTime t = civil(time);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", t.year, t.month, t.day, t.hour, t.minute,
                       t.second);
}

std::optional<Time> parse_basic_time(std::string_view text) {
    CivilTime t;
    const bool well_formed = take(text, 4, t.year) && take(text, 2, t.month) && take(text, 2, t.day) &&
                             take(text, 'T') && take(text, 2, t.hour) && take(text, 2, t.minute) &&
                             take(text, 2, t.second) && take(text, 'Z') && text.empty();
    return well_formed ? from_civil(t) : std::nullopt;
}

std::optional<Time> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // Day name, day, month, year, time, GMT.
    const auto parts = split(trim(text), ' ');
    if (parts.size() != 6 || parts[5] != "GMT") {
        return std::nullopt;
    }
    const auto* month = std::ranges::find(months, parts[2]);
    if (month == months.end()) {
        return std::nullopt;
    }
    return parse_time(
        fmt::format("{}-{:02}-{:0>2}T{}Z", parts[3], month - months.begin() + 1, parts[1], parts[4]));
}

std::optional<Duration> parse_duration(std::string_view text) {
    if (text == "0") {
        return Duration{0};
    }
    const auto unit_at = text.find_first_not_of("0123456789.");
    if (unit_at == 0 || unit_at == std::string_view::npos || unit_at > 15) {
        return std::nullopt;
    }
    double number = 0;
    const auto* end = text.data() + unit_at;
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || last != end) {
        return std::nullopt;
    }
    for (const auto& [name, factor] : duration_units) {
        if (text.substr(unit_at) == name) {
            const double milliseconds = number * static_cast<double>(factor);
            constexpr double a_thousand_years = 3.2e13;
            if (milliseconds > a_thousand_years) {
                return std::nullopt;
            }
            return Duration{std::llround(milliseconds)};
        }
    }
    return std::nullopt;
}

std::string format_duration(Duration duration) {
    const auto count = duration.count();
    for (auto unit = duration_units.rbegin(); unit != duration_units.rend(); ++unit) {
        if (count != 0 && count % unit->second == 0) {
            return fmt::format("{}{}", count / unit->second, unit->first);
        }
    }
    return "0s";
}

}  // namespace base
