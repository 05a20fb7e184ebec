#include "fleet/cron.hpp"

#include <doctest/doctest.h>

using namespace fleet;

namespace {

base::Time at(std::string_view text) {
    return base::parse_time(text).value();
}

/// What follows the moment.
std::string after(std::string_view expression, std::string_view moment) {
    const auto cron = parse_cron(expression);
    REQUIRE_MESSAGE(cron, (cron ? "" : cron.error().message));
    return base::format_time(next(*cron, at(moment)));
}

std::string problem(std::string_view expression) {
    const auto cron = parse_cron(expression);
    CAPTURE(expression);
    REQUIRE_FALSE(cron);
    return cron.error().message;
}

}  // namespace

TEST_CASE("cron: the next time is later than the moment, at hour's, day's, month's and year's edges") {
    CHECK(after("0 3 * * *", "2026-01-15T02:59:59.999Z") == "2026-01-15T03:00:00Z");
    CHECK(after("0 3 * * *", "2026-01-15T03:00:00Z") == "2026-01-16T03:00:00Z");
    CHECK(after("0 3 * * *", "2026-01-15T03:00:00.001Z") == "2026-01-16T03:00:00Z");
    CHECK(after("59 * * * *", "2026-01-15T03:59:00Z") == "2026-01-15T04:59:00Z");
    CHECK(after("0 * * * *", "2026-01-15T23:00:00Z") == "2026-01-16T00:00:00Z");
    CHECK(after("* * * * *", "2026-12-31T23:59:00Z") == "2027-01-01T00:00:00Z");
    CHECK(after("0 0 31 * *", "2026-01-31T00:00:00Z") == "2026-03-31T00:00:00Z");
    CHECK(after("30 12 30 * *", "2026-01-30T12:30:00Z") == "2026-03-30T12:30:00Z");
}

TEST_CASE("cron: a leap day comes in leap years, also over a century that has none") {
    CHECK(after("15 4 29 2 *", "2026-01-15T12:00:00Z") == "2028-02-29T04:15:00Z");
    CHECK(after("15 4 29 2 *", "2028-02-29T04:15:00Z") == "2032-02-29T04:15:00Z");
    CHECK(after("0 0 29 2 *", "2096-02-29T00:00:00Z") == "2104-02-29T00:00:00Z");
    // On a Sunday: steps after * count as unrestricted, and so both days must fit.
    CHECK(after("0 0 29 2 */7", "2032-02-29T00:00:00Z") == "2060-02-29T00:00:00Z");
    CHECK(after("0 0 * * *", "2028-02-28T12:00:00Z") == "2028-02-29T00:00:00Z");
    CHECK(after("0 0 1 3 *", "2028-02-29T23:59:59Z") == "2028-03-01T00:00:00Z");
}

TEST_CASE("cron: lists, ranges, steps and names") {
    CHECK(after("*/15 * * * *", "2026-01-15T12:15:00Z") == "2026-01-15T12:30:00Z");
    CHECK(after("*/40 * * * *", "2026-01-15T12:40:00Z") == "2026-01-15T13:00:00Z");
    CHECK(after("10-30/10 2,14 * * *", "2026-01-15T02:30:00Z") == "2026-01-15T14:10:00Z");
    CHECK(after("0 0 1 */3 *", "2026-01-01T00:00:00Z") == "2026-04-01T00:00:00Z");
    CHECK(after("0 0 1 JUL *", "2026-07-01T00:00:00Z") == "2027-07-01T00:00:00Z");
    CHECK(after("0 0 1 oct-DEC *", "2026-12-01T00:00:00Z") == "2027-10-01T00:00:00Z");
    // 15 January 2026 is a Thursday.
    CHECK(after("0 3 * * mon", "2026-01-15T12:00:00Z") == "2026-01-19T03:00:00Z");
    CHECK(after("0 3 * * 0", "2026-01-15T12:00:00Z") == "2026-01-18T03:00:00Z");
    CHECK(after("0 3 * * 7", "2026-01-15T12:00:00Z") == "2026-01-18T03:00:00Z");
    CHECK(after("0 3 * * fri-sun", "2026-01-17T12:00:00Z") == "2026-01-18T03:00:00Z");
    CHECK(after("0 3 * * mon-fri", "2026-01-16T12:00:00Z") == "2026-01-19T03:00:00Z");
    CHECK(after("  0   3 * *  * ", "2026-01-15T12:00:00Z") == "2026-01-16T03:00:00Z");
}

TEST_CASE("cron: of a day of the month and one of the week either will do, unless one begins with *") {
    CHECK(after("0 0 13 * fri", "2026-01-15T12:00:00Z") == "2026-01-16T00:00:00Z");
    CHECK(after("0 0 13 * fri", "2026-02-06T12:00:00Z") == "2026-02-13T00:00:00Z");
    CHECK(after("0 0 17 * fri", "2026-01-16T12:00:00Z") == "2026-01-17T00:00:00Z");
    CHECK(after("0 0 */31 * mon", "2026-01-15T12:00:00Z") == "2026-06-01T00:00:00Z");
    CHECK(after("0 0 31 2 mon", "2026-02-01T00:00:00Z") == "2026-02-02T00:00:00Z");
}

TEST_CASE("cron: what never comes or cannot be read is refused in a sentence") {
    CHECK(problem("0 3 31 2 *").ends_with("never comes: no such month has that day"));
    CHECK(problem("0 3 31 feb,apr,jun,sep,nov *").contains("never comes"));
    CHECK(problem("0 3 30 2 */2").contains("never comes"));
    CHECK(
        problem("0 3 * *") ==
        "\"0 3 * *\" must have five fields, minute, hour, day of the month, month and day of the week, such "
        "as \"0 3 * * *\"");
    CHECK(problem("") == problem("   ").replace(0, 5, "\"\""));
    CHECK(problem("60 3 * * *") == "the minute \"60\" must be from 0 to 59");
    CHECK(problem("0 24 * * *") == "the hour \"24\" must be from 0 to 23");
    CHECK(problem("0 3 0 * *") == "the day of the month \"0\" must be from 1 to 31");
    CHECK(problem("0 3 * 13 *") == "the month \"13\" must be from 1 to 12 or a name such as jan");
    CHECK(problem("0 3 * * 8") == "the day of the week \"8\" must be from 0 to 7 or a name such as sun");
    CHECK(problem("0 3 * * monday").contains("\"monday\""));
    CHECK(problem("0 5-3 * * *") == "the hour \"5-3\" ends before it begins: write two ranges");
    CHECK(problem("*/0 3 * * *") == "the minute \"*/0\" must have a step from 1 to 59");
    CHECK(problem("5/10 3 * * *") ==
          "the minute \"5/10\" must have its step after * or a range, such as 5-59/10");
    for (const auto* nonsense :
         {"- * * * *", "1- * * * *", "-1 * * * *", ", * * * *", "1, * * * *", "/ * * * *", "*/ * * * *",
          "** * * * *", "99999999999999999999 * * * *", "+1 * * * *"}) {
        CHECK(problem(nonsense).contains("minute"));
    }
}

TEST_CASE("cron: a schedule may be off") {
    CHECK(parse_schedule("off").value() == std::nullopt);
    CHECK(parse_schedule("0 3 * * *").value() == parse_cron("0 3 * * *").value());
    CHECK(parse_schedule("never").error().message.ends_with("; or \"off\""));
}
