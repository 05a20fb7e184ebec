#pragma once

#include <boost/json/serialize.hpp>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "fleet/record.hpp"

/// How values are written: JSON text of the codec, a record wrapped with the version of its form.
namespace store {

/// Of the tables as a whole. A store with a greater one is refused.
inline constexpr int format_version = 1;

/// Of a record's form. Raised together with an upcaster, and with a golden dump among the tests' data, when
/// the codec's defaults cannot read the older form.
inline constexpr int record_version = 1;

/// Brings a record of one version into the form of the next.
using Upcaster = base::json::value (*)(base::json::value record);

/// Brings a record of `version` into the newest form. The n-th of `chain` reads version n + 1.
base::json::value upcast(base::json::value record, int version, std::span<const Upcaster> chain);

std::string encode_record(const fleet::Record& record);

/// Reads a record of this or any earlier version. The error says what is wrong with which field.
base::Result<fleet::Record> decode_record(std::string_view text);

/// As base::parse_json(), but accepts whatever bytes the codec once wrote into a string.
std::expected<base::json::value, std::string> parse_stored(std::string_view text);

/// For people and other programs: valid UTF-8 is kept, every other byte becomes a question mark.
std::string printable(std::string_view text);

template <class T>
std::string encode(const T& value) {
    return base::json::serialize(base::to_json(value));
}

/// Nothing when the text is not a T.
template <class T>
std::optional<T> decode(std::string_view text) {
    const auto value = parse_stored(text);
    if (!value) {
        return std::nullopt;
    }
    auto read = base::from_json<T>(*value, base::UnknownKeys::ignore);
    return read ? std::optional<T>(std::move(*read)) : std::nullopt;
}

}  // namespace store
