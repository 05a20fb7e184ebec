#pragma once

#include <doctest/doctest.h>

#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/text.hpp"
#include "http/message.hpp"

/// The samples of AWS's wire below tests/data.
namespace samples {

inline std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string example(const std::string& name) {
    return read(std::filesystem::path(TEST_DATA) / "examples" / name);
}

inline boost::json::value json(const std::string& text) {
    auto value = base::parse_json(text);
    REQUIRE(value.has_value());
    return *value;
}

inline boost::json::value json_example(const std::string& name) {
    return json(example(name));
}

/// A request as text: line ends are LF, folded header lines belong to the one above, the empty line may be
/// missing.
inline http::Request parse_request(std::string_view text) {
    http::Request request;
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    while (!text.empty()) {
        line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty()) {
            request.body = text;
            break;
        }
        if (line.front() == ' ' || line.front() == '\t') {
            request.headers.back().value += " " + std::string(line);
        } else {
            const auto [name, value] = base::split_once(line, ':');
            request.headers.push_back({std::string(name), std::string(value)});
        }
    }
    return request;
}

inline http::Request request_example(const std::string& name) {
    return parse_request(example(name));
}

/// The parameters of a form body or of a query, decoded, without regard to their order.
inline std::set<std::string> parameters(std::string_view form) {
    std::set<std::string> parameters;
    for (const auto part : base::split(form, '&')) {
        parameters.insert(base::percent_decode(part, true).value());
    }
    return parameters;
}

}  // namespace samples
