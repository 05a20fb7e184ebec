#pragma once

#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "aws/error.hpp"
#include "base/time.hpp"

/// Reading AWS's XML answers: what is unknown is ignored, what is absent is empty.
namespace aws::xml {

/// The root element of an answer, kept alive by `document`. The error says what came instead of `root`.
Result<pugi::xml_node> load(pugi::xml_document& document, std::string_view body, const char* root);

/// The text of a child; empty when it is absent.
std::string text(const pugi::xml_node& node, const char* child);

bool boolean(const pugi::xml_node& node, const char* child);

/// Nothing when absent or malformed.
std::optional<std::int64_t> integer(const pugi::xml_node& node, const char* child);
std::optional<base::Time> time(const pugi::xml_node& node, const char* child);

}  // namespace aws::xml
