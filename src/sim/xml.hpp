#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace sim {

/// Adds `<name>text</name>`.
void add(pugi::xml_node parent, const char* name, std::string_view text);
void add_flag(pugi::xml_node parent, const char* name, bool value);
void add_number(pugi::xml_node parent, const char* name, long value);
/// `2026-01-15T12:00:00.000Z`, always with milliseconds as AWS writes them.
void add_time(pugi::xml_node parent, const char* name, base::Time time);

/// The text form with its declaration, without indentation.
std::string print(const pugi::xml_document& document);

}  // namespace sim
