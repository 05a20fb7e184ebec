#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// A length of time; everything in this house counts milliseconds.
using Duration = std::chrono::milliseconds;

/// A point of time, UTC, milliseconds since 1970.
using Time = std::chrono::sys_time<Duration>;

/// RFC 3339 in UTC: `2026-01-15T12:00:00Z`, with `.mmm` when the time is not on a whole second.
std::string format_time(Time time);

/// Reads RFC 3339 (`2026-01-15T12:00:00Z`, a fraction of any length, `Z` or `+hh:mm`). Nothing when
/// malformed.
std::optional<Time> parse_time(std::string_view text);

/// Reads RFC 1123: `Tue, 10 Feb 2026 13:19:03 GMT`, the day with one digit or two. Nothing when malformed.
std::optional<Time> parse_http_date(std::string_view text);

/// `20260115T120000Z`, the form that SigV4 signs.
std::string format_basic_time(Time time);

/// Reads `20260115T120000Z`. Nothing when malformed.
std::optional<Time> parse_basic_time(std::string_view text);

/// Reads `1500ms`, `30s`, `1.5s`, `2m`, `12h` or `7d`; a bare `0` is accepted. Nothing when malformed or
/// negative.
std::optional<Duration> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads: `30s`, `1500ms`, `2m`.
std::string format_duration(Duration duration);

}  // namespace base
