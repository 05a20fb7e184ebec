#include "aws/ini.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace aws {
namespace {

/// A comment begins at `#` or `;` at the line's start or after a blank.
std::string_view without_comment(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool begins = i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t';
        if (begins && (line[i] == '#' || line[i] == ';')) {
            return line.substr(0, i);
        }
    }
    return line;
}

IniSection& section_named(std::vector<IniSection>& sections, std::string_view name) {
    const auto found = std::ranges::find(sections, name, &IniSection::name);
    if (found != sections.end()) {
        return *found;
    }
    sections.push_back({.name = std::string(name), .values = {}, .nested = {}});
    return sections.back();
}

/// Where an indented line belongs: below `key` of the section read last.
void continue_value(IniSection& section, const std::string& key, std::string_view text) {
    auto& value = section.values[key];
    const auto equals = text.find('=');
    if (value.empty() && equals != std::string_view::npos) {
        const auto [name, nested] = base::split_once(text, '=');
        section.nested[key][base::to_lower(base::trim(name))] = std::string(base::trim(nested));
    } else {
        value += fmt::format("{}{}", value.empty() ? "" : "\n", text);
    }
}

}  // namespace

base::Result<std::vector<IniSection>> parse_ini(std::string_view text) {
    std::vector<IniSection> sections;
    std::string section;
    std::string key;
    std::size_t number = 0;
    for (const auto raw : base::split(text, '\n')) {
        ++number;
        const auto line = base::trim(without_comment(raw));
        if (line.empty()) {
            continue;
        }
        if (line.front() == '[') {
            if (line.back() != ']') {
                return base::fail(fmt::format("line {}: a section must end with ]", number));
            }
            section = base::trim(line.substr(1, line.size() - 2));
            section_named(sections, section);
            key.clear();
            continue;
        }
        if (sections.empty()) {
            return base::fail(fmt::format("line {}: a setting must stand below a [section]", number));
        }
        auto& current = section_named(sections, section);
        if (raw.starts_with(' ') || raw.starts_with('\t')) {
            if (key.empty()) {
                return base::fail(fmt::format("line {}: an indented line must follow a setting", number));
            }
            continue_value(current, key, line);
            continue;
        }
        const auto [name, value] = base::split_once(line, '=');
        key = base::to_lower(base::trim(name));
        if (key.empty() || line.find('=') == std::string_view::npos) {
            return base::fail(fmt::format("line {}: must be `key = value`", number));
        }
        current.values[key] = std::string(base::trim(value));
    }
    return sections;
}

}  // namespace aws
