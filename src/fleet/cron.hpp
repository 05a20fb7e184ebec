#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

/// Times that come again, as crontab(5) writes them; always in UTC.
namespace fleet {

/// Five fields: minute, hour, day of the month, month, day of the week. Each is `*` or a list of values and
/// ranges, with steps after `*` or a range; months and weekdays have names too, and Sunday is 0 or 7. Where
/// both days are restricted (neither begins with `*`), either will do.
struct Cron {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;    ///< from 1
    std::bitset<13> months;  ///< from 1
    std::bitset<7> weekdays;
    bool either_day = false;  ///< a day of the month or of the week; else both must fit

    bool operator==(const Cron&) const = default;
};

/// The error is a sentence. A time that never comes (31 February) is an error.
base::Result<Cron> parse_cron(std::string_view text);

/// A cron expression, or `off`, which is nothing.
base::Result<std::optional<Cron>> parse_schedule(std::string_view text);

/// The first time that is later than the moment.
base::Time next(const Cron& cron, base::Time after);

}  // namespace fleet
