#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

std::string to_lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);

/// Splits at every `separator`; an empty text gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Splits at the first `separator`; without one the second part is empty.
std::pair<std::string_view, std::string_view> split_once(std::string_view text, char separator);

/// RFC 3986 percent-encoding of every byte outside the unreserved set; hex digits are upper case.
std::string percent_encode(std::string_view text);

/// Undoes percent-encoding; `plus_is_blank` as in HTML forms. Nothing when an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);

/// At most `bytes` bytes, never cutting a UTF-8 character in two.
std::string_view cut(std::string_view text, std::size_t bytes);

/// A non-negative decimal number without sign or blanks. Nothing when malformed or too large.
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace base
