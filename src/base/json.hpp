#pragma once

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.hpp"

/// The one JSON codec: structs described by Boost.Describe, to and from Boost.JSON values.
///
/// A member that is missing keeps its default; an empty optional is left out; a described enumeration is its
/// enumerator's name; a Time is RFC 3339, a Duration `30s`. Every error carries the JSON path of its field.
namespace base {

namespace json = boost::json;

/// What is wrong with one field of a JSON document.
struct FieldError {
    std::string path;     ///< `$.dns.private.ttl`, `$.tags["a b"]`; `$` is the document itself
    std::string message;  ///< "must be a whole number, not a string"
};

using FieldErrors = std::vector<FieldError>;

/// `$.path: message; $.other: message`, for logs.
std::string describe(const FieldErrors& errors);

/// What to do with members that the struct does not have: users' input rejects them, stored records of other
/// versions are read ignoring them.
enum class UnknownKeys { reject, ignore };

namespace detail {

template <class T>
concept DescribedStruct = boost::describe::has_describe_members<T>::value && std::is_class_v<T>;

template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

/// What a person calls the JSON type of `value`: "a string", "null".
std::string_view type_name(const json::value& value);

std::string child_path(const std::string& parent, std::string_view key);
std::string child_path(const std::string& parent, std::size_t index);

/// Collects errors on the way down.
struct Reader {
    UnknownKeys unknown_keys;
    FieldErrors errors;

    void fail(const std::string& path, std::string message) { errors.push_back({path, std::move(message)}); }
    void expected(const std::string& path, std::string_view what, const json::value& found);

    void read(const json::value& value, const std::string& path, bool& out);
    void read(const json::value& value, const std::string& path, double& out);
    void read(const json::value& value, const std::string& path, std::string& out);
    void read(const json::value& value, const std::string& path, Time& out);
    void read(const json::value& value, const std::string& path, Duration& out);
    void read(const json::value& value, const std::string& path, json::value& out) const;

    template <std::integral T>
    void read(const json::value& value, const std::string& path, T& out);
    template <DescribedEnum T>
    void read(const json::value& value, const std::string& path, T& out);
    template <DescribedStruct T>
    void read(const json::value& value, const std::string& path, T& out);
    template <class T>
    void read(const json::value& value, const std::string& path, std::optional<T>& out);
    template <class T>
    void read(const json::value& value, const std::string& path, std::vector<T>& out);
    template <class T>
    void read(const json::value& value, const std::string& path, std::map<std::string, T>& out);

    void report_unknown(const json::object& object, const std::string& path,
                        const std::vector<std::string_view>& known);
};

json::value write(bool value);
json::value write(double value);
json::value write(const std::string& value);
json::value write(Time value);
json::value write(Duration value);
json::value write(const json::value& value);

template <std::integral T>
    requires(!std::same_as<T, bool>)
json::value write(T value);
template <DescribedEnum T>
json::value write(T value);
template <DescribedStruct T>
json::value write(const T& value);
template <class T>
json::value write(const std::vector<T>& value);
template <class T>
json::value write(const std::map<std::string, T>& value);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

}  // namespace detail

/// Encodes a described struct, or any value the codec knows.
template <class T>
json::value to_json(const T& value) {
    return detail::write(value);
}

/// Decodes into `out`; all errors of the document at once. A field with an error keeps its default.
template <class T>
FieldErrors read_json(const json::value& value, UnknownKeys unknown_keys, T& out) {
    detail::Reader reader{unknown_keys, {}};
    reader.read(value, "$", out);
    return std::move(reader.errors);
}

/// Decodes; all errors of the document at once.
template <class T>
std::expected<T, FieldErrors> from_json(const json::value& value, UnknownKeys unknown_keys) {
    T out{};
    auto errors = read_json(value, unknown_keys, out);
    if (!errors.empty()) {
        return std::unexpected(std::move(errors));
    }
    return out;
}

/// Parses text with limits on depth, as any text from outside must be. The error is one sentence.
std::expected<json::value, std::string> parse_json(std::string_view text);

namespace detail {

template <std::integral T>
void Reader::read(const json::value& value, const std::string& path, T& out) {
    if (value.is_int64() && std::in_range<T>(value.get_int64())) {
        out = static_cast<T>(value.get_int64());
    } else if (value.is_uint64() && std::in_range<T>(value.get_uint64())) {
        out = static_cast<T>(value.get_uint64());
    } else if (value.is_int64() || value.is_uint64()) {
        fail(path, "must be from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                       std::to_string(std::numeric_limits<T>::max()));
    } else {
        expected(path, "a whole number", value);
    }
}

template <DescribedEnum T>
void Reader::read(const json::value& value, const std::string& path, T& out) {
    if (!value.is_string()) {
        return expected(path, "a string", value);
    }
    if (!boost::describe::enum_from_string(std::string(value.get_string()).c_str(), out)) {
        std::string names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
            names += names.empty() ? "" : ", ";
            names += enumerator.name;
        });
        fail(path, "must be one of " + names);
    }
}

template <DescribedStruct T>
void Reader::read(const json::value& value, const std::string& path, T& out) {
    if (!value.is_object()) {
        return expected(path, "an object", value);
    }
    const auto& object = value.get_object();
    std::vector<std::string_view> known;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        // A member named `private_` is `private` in JSON: the word is reserved in C++.
        std::string_view name = member.name;
        if (name.ends_with('_')) {
            name.remove_suffix(1);
        }
        known.push_back(name);
        if (const auto* found = object.if_contains(name)) {
            read(*found, child_path(path, name), out.*member.pointer);
        }
    });
    if (unknown_keys == UnknownKeys::reject) {
        report_unknown(object, path, known);
    }
}

template <class T>
void Reader::read(const json::value& value, const std::string& path, std::optional<T>& out) {
    if (value.is_null()) {
        out.reset();
        return;
    }
    read(value, path, out.emplace());
}

template <class T>
void Reader::read(const json::value& value, const std::string& path, std::vector<T>& out) {
    if (!value.is_array()) {
        return expected(path, "an array", value);
    }
    out.clear();
    for (const auto& item : value.get_array()) {
        read(item, child_path(path, out.size()), out.emplace_back());
    }
}

template <class T>
void Reader::read(const json::value& value, const std::string& path, std::map<std::string, T>& out) {
    if (!value.is_object()) {
        return expected(path, "an object", value);
    }
    out.clear();
    for (const auto& [key, item] : value.get_object()) {
        read(item, child_path(path, key), out[std::string(key)]);
    }
}

template <std::integral T>
    requires(!std::same_as<T, bool>)
json::value write(T value) {
    if constexpr (std::is_signed_v<T>) {
        return static_cast<std::int64_t>(value);
    } else {
        return static_cast<std::uint64_t>(value);
    }
}

template <DescribedEnum T>
json::value write(T value) {
    return json::value(boost::describe::enum_to_string(value, "?"));
}

template <DescribedStruct T>
json::value write(const T& value) {
    json::object object;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        std::string_view name = member.name;
        if (name.ends_with('_')) {
            name.remove_suffix(1);
        }
        const auto& field = value.*member.pointer;
        if constexpr (is_optional<std::remove_cvref_t<decltype(field)>>) {
            if (field) {
                object.emplace(name, write(*field));
            }
        } else {
            object.emplace(name, write(field));
        }
    });
    return object;
}

template <class T>
json::value write(const std::vector<T>& value) {
    json::array array;
    array.reserve(value.size());
    for (const auto& item : value) {
        array.push_back(write(item));
    }
    return array;
}

template <class T>
json::value write(const std::map<std::string, T>& value) {
    json::object object;
    for (const auto& [key, item] : value) {
        object.emplace(key, write(item));
    }
    return object;
}

}  // namespace detail
}  // namespace base
