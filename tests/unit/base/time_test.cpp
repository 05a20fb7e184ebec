#include "base/time.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

TEST_CASE("time: RFC 3339 in and out") {
    const auto time = base::parse_time("2026-01-15T12:00:00Z");
    REQUIRE(time);
    CHECK(base::format_time(*time) == "2026-01-15T12:00:00Z");
    CHECK(base::format_basic_time(*time) == "20260115T120000Z");
    CHECK(base::parse_basic_time("20260115T120000Z") == time);
    CHECK(base::format_time(*time + 7ms) == "2026-01-15T12:00:00.007Z");
    CHECK(base::parse_time("2026-01-15T14:00:00.123456+02:00") == *time + 123ms);
    for (const auto* wrong :
         {"", "2026-01-15", "2026-13-15T12:00:00Z", "2026-02-30T12:00:00Z", "2026-01-15T12:00:00",
          "2026-01-15T12:00:00.Z", "2026-01-15T25:00:00Z", "2026-01-15T12:00:00Zx"}) {
        CHECK_MESSAGE(!base::parse_time(wrong), wrong);
    }
}

TEST_CASE("time: RFC 1123, as HTTP and AWS Health write it") {
    CHECK(base::parse_http_date("Tue, 10 Feb 2026 13:19:03 GMT") == base::parse_time("2026-02-10T13:19:03Z"));
    CHECK(base::parse_http_date("Fri, 2 Jan 2026 05:01:10 GMT") == base::parse_time("2026-01-02T05:01:10Z"));
    for (const auto* wrong : {"", "2026-02-10T13:19:03Z", "Tue, 10 Foo 2026 13:19:03 GMT",
                              "Tue, 10 Feb 2026 13:19:03 UTC", "Tue, 32 Jan 2026 13:19:03 GMT", "     "}) {
        CHECK_MESSAGE(!base::parse_http_date(wrong), wrong);
    }
}

TEST_CASE("time: durations in and out") {
    CHECK(base::parse_duration("30s") == 30s);
    CHECK(base::parse_duration("1.5s") == 1500ms);
    CHECK(base::parse_duration("250ms") == 250ms);
    CHECK(base::parse_duration("7d") == 168h);
    CHECK(base::parse_duration("0") == 0ms);
    CHECK(base::format_duration(90s) == "90s");
    CHECK(base::format_duration(2min) == "2m");
    CHECK(base::format_duration(1500ms) == "1500ms");
    CHECK(base::format_duration(0ms) == "0s");
    for (const auto* wrong : {"", "30", "s", "-1s", "1 s", "1w", "99999999999999d", "1.2.3s"}) {
        CHECK_MESSAGE(!base::parse_duration(wrong), wrong);
    }
}
