#include "base/json.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

namespace base {

std::string describe(const FieldErrors& errors) {
    std::string text;
    for (const auto& error : errors) {
        text += text.empty() ? "" : "; ";
        text += error.path + ": " + error.message;
    }
    return text;
}

std::expected<json::value, std::string> parse_json(std::string_view text) {
    constexpr json::parse_options options{.max_depth = 32, .allow_invalid_utf8 = false};
    boost::system::error_code error;
    auto value = json::parse(text, error, {}, options);
    if (error) {
        return std::unexpected("is not JSON: " + error.message());
    }
    return value;
}

namespace detail {

std::string_view type_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return "a number";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "an array";
        case json::kind::object:
            return "an object";
    }
    return "something else";
}

std::string child_path(const std::string& parent, std::string_view key) {
    const bool plain = !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    return plain ? parent + "." + std::string(key) : parent + "[\"" + std::string(key) + "\"]";
}

std::string child_path(const std::string& parent, std::size_t index) {
    return parent + "[" + std::to_string(index) + "]";
}

void Reader::expected(const std::string& path, std::string_view what, const json::value& found) {
    fail(path, "must be " + std::string(what) + ", not " + std::string(type_name(found)));
}

void Reader::read(const json::value& value, const std::string& path, bool& out) {
    value.is_bool() ? void(out = value.get_bool()) : expected(path, "true or false", value);
}

void Reader::read(const json::value& value, const std::string& path, double& out) {
    value.is_number() ? void(out = value.to_number<double>()) : expected(path, "a number", value);
}

void Reader::read(const json::value& value, const std::string& path, std::string& out) {
    value.is_string() ? void(out = std::string(value.get_string())) : expected(path, "a string", value);
}

void Reader::read(const json::value& value, const std::string& path, Time& out) {
    const auto time = value.is_string() ? parse_time(value.get_string()) : std::nullopt;
    time ? void(out = *time) : fail(path, "must be a time such as \"2026-01-15T12:00:00Z\"");
}

void Reader::read(const json::value& value, const std::string& path, Duration& out) {
    const auto duration = value.is_string() ? parse_duration(value.get_string()) : std::nullopt;
    duration ? void(out = *duration) : fail(path, "must be a duration such as \"30s\", \"1500ms\" or \"2m\"");
}

void Reader::read(const json::value& value, const std::string& /*path*/, json::value& out) const {
    out = value;
}

void Reader::report_unknown(const json::object& object, const std::string& path,
                            const std::vector<std::string_view>& known) {
    for (const auto& member : object) {
        if (std::ranges::find(known, std::string_view(member.key())) == known.end()) {
            fail(child_path(path, member.key()), "is not a known field");
        }
    }
}

json::value write(bool value) {
    return value;
}
json::value write(double value) {
    return value;
}
json::value write(const std::string& value) {
    return json::value(value);
}
json::value write(Time value) {
    return json::value(format_time(value));
}
json::value write(Duration value) {
    return json::value(format_duration(value));
}
json::value write(const json::value& value) {
    return value;
}

}  // namespace detail
}  // namespace base
