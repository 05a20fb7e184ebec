#include "fleet/cron.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace fleet {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
    std::string_view what;
    int min = 0;
    int max = 0;
    std::span<const std::string_view> names = {};
    int first_name = 0;  ///< what the first name stands for
};

constexpr Field minute_field{"minute", 0, 59};
constexpr Field hour_field{"hour", 0, 23};
constexpr Field day_field{"day of the month", 1, 31};
constexpr Field month_field{"month", 1, 12, month_names, 1};
constexpr Field weekday_field{"day of the week", 0, 7, weekday_names, 0};

/// One part of a list.
struct Range {
    int from = 0;
    int to = 0;
    int step = 1;
};

std::string quoted(std::string_view text) {
    return "\"" + std::string(base::cut(text, 80)) + "\"";
}

/// Small enough for every field.
std::optional<int> parse_small(std::string_view text) {
    const auto number = base::parse_number(text);
    return number && *number < 100 ? std::optional{static_cast<int>(*number)} : std::nullopt;
}

base::Result<int> parse_value(const Field& field, std::string_view text) {
    const auto name = std::ranges::find(field.names, base::to_lower(text));
    if (name != field.names.end()) {
        return field.first_name + static_cast<int>(name - field.names.begin());
    }
    const auto number = parse_small(text);
    if (!number || *number < field.min || *number > field.max) {
        return base::fail("the " + std::string(field.what) + " " + quoted(text) + " must be from " +
                          std::to_string(field.min) + " to " + std::to_string(field.max) +
                          (field.names.empty() ? "" : " or a name such as " + std::string(field.names[0])));
    }
    return *number;
}

base::Result<Range> parse_span(const Field& field, std::string_view text) {
    if (text == "*") {
        return Range{field.min, field.max};
    }
    const auto dash = text.find('-');
    const auto from = parse_value(field, text.substr(0, dash));
    if (!from) {
        return std::unexpected(from.error());
    }
    if (dash == std::string_view::npos) {
        return Range{*from, *from};
    }
    auto to = parse_value(field, text.substr(dash + 1));
    if (!to) {
        return std::unexpected(to.error());
    }
    const bool until_sunday = field.max == weekday_field.max && *to == 0 && *from > 0;
    if (const int last = until_sunday ? weekday_field.max : *to; last >= *from) {
        return Range{*from, last};
    }
    return base::fail("the " + std::string(field.what) + " " + quoted(text) +
                      " ends before it begins: write two ranges");
}

base::Result<Range> parse_range(const Field& field, std::string_view text) {
    const auto slash = text.find('/');
    const auto spread = text.substr(0, slash);
    auto range = parse_span(field, spread);
    if (!range || slash == std::string_view::npos) {
        return range;
    }
    const auto step = parse_small(text.substr(slash + 1));
    if (!step || *step < 1 || *step > field.max) {
        return base::fail("the " + std::string(field.what) + " " + quoted(text) +
                          " must have a step from 1 to " + std::to_string(field.max));
    }
    if (spread != "*" && !spread.contains('-')) {
        return base::fail("the " + std::string(field.what) + " " + quoted(text) +
                          " must have its step after * or a range, such as " + std::string(spread) + "-" +
                          std::to_string(field.max) + "/" + std::to_string(*step));
    }
    range->step = *step;
    return range;
}

/// Enters every value of the field's text.
template <std::size_t Size>
base::Result<void> read(const Field& field, std::string_view text, std::bitset<Size>& values) {
    for (const auto part : base::split(text, ',')) {
        const auto range = parse_range(field, part);
        if (!range) {
            return std::unexpected(range.error());
        }
        for (int value = range->from; value <= range->to; value += range->step) {
            // Sunday is 7 as well.
            values.set(static_cast<std::size_t>(value) % Size);
        }
    }
    return {};
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> words;
    for (const auto word : base::split(text, ' ')) {
        if (!word.empty()) {
            words.push_back(word);
        }
    }
    return words;
}

/// With a restricted month only the days that it has can come.
bool ever_comes(const Cron& cron) {
    constexpr std::array<std::size_t, 13> longest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (std::size_t month = 1; month < longest.size(); ++month) {
        for (std::size_t day = 1; cron.months[month] && day <= longest[month]; ++day) {
            if (cron.days[day]) {
                return true;
            }
        }
    }
    return cron.either_day;
}

bool fits(const Cron& cron, chrono::sys_days day) {
    const chrono::year_month_day date{day};
    const bool by_month = cron.days[static_cast<unsigned>(date.day())];
    const bool by_week = cron.weekdays[chrono::weekday{day}.c_encoding()];
    return cron.months[static_cast<unsigned>(date.month())] &&
           (cron.either_day ? by_month || by_week : by_month && by_week);
}

/// The first time of the day that is not before so many minutes after midnight.
std::optional<chrono::minutes> time_of_day(const Cron& cron, chrono::minutes from) {
    for (auto minute = from; minute < chrono::days{1}; ++minute) {
        const auto hour = static_cast<std::size_t>(minute / chrono::hours{1});
        if (cron.hours[hour] && cron.minutes[static_cast<std::size_t>(minute.count() % 60)]) {
            return minute;
        }
    }
    return std::nullopt;
}

}  // namespace

base::Result<Cron> parse_cron(std::string_view text) {
    const auto fields = words(text);
    if (fields.size() != 5) {
        return base::fail(quoted(text) +
                          " must have five fields, minute, hour, day of the month, month and " +
                          "day of the week, such as \"0 3 * * *\"");
    }
    Cron cron;
    for (const auto& read_field :
         {read(minute_field, fields[0], cron.minutes), read(hour_field, fields[1], cron.hours),
          read(day_field, fields[2], cron.days), read(month_field, fields[3], cron.months),
          read(weekday_field, fields[4], cron.weekdays)}) {
        if (!read_field) {
            return std::unexpected(read_field.error());
        }
    }
    cron.either_day = !fields[2].starts_with('*') && !fields[4].starts_with('*');
    if (!ever_comes(cron)) {
        return base::fail(quoted(text) + " never comes: no such month has that day");
    }
    return cron;
}

base::Result<std::optional<Cron>> parse_schedule(std::string_view text) {
    if (text == "off") {
        return std::nullopt;
    }
    auto cron = parse_cron(text);
    if (!cron) {
        return base::fail(cron.error().message + "; or \"off\"");
    }
    return std::optional{*cron};
}

base::Time next(const Cron& cron, base::Time after) {
    const auto first = chrono::floor<chrono::minutes>(after) + chrono::minutes{1};
    auto day = chrono::floor<chrono::days>(first);
    auto from = chrono::minutes{first - day};
    // 29 February comes again within eight years, and on one day of the week within forty.
    for (const auto last = day + chrono::days{41 * 366}; day < last; day += chrono::days{1}) {
        const auto when = fits(cron, day) ? time_of_day(cron, from) : std::nullopt;
        if (when) {
            return day + *when;
        }
        from = chrono::minutes{0};
    }
    return base::Time::max();
}

}  // namespace fleet
