#include "aws/xml.hpp"

#include <fmt/format.h>

#include <charconv>

namespace aws::xml {

Result<pugi::xml_node> load(pugi::xml_document& document, std::string_view body, const char* root) {
    const auto parsed = document.load_buffer(body.data(), body.size());
    if (!parsed) {
        return unreadable(fmt::format("instead of {} came what is no XML: {}", root, parsed.description()));
    }
    const auto element = document.document_element();
    if (std::string_view(element.name()) != root) {
        return unreadable(fmt::format("instead of {} came {}", root, element.name()));
    }
    return element;
}

std::string text(const pugi::xml_node& node, const char* child) {
    return node.child_value(child);
}

bool boolean(const pugi::xml_node& node, const char* child) {
    return text(node, child) == "true";
}

std::optional<std::int64_t> integer(const pugi::xml_node& node, const char* child) {
    const auto value = text(node, child);
    std::int64_t number = 0;
    const auto* end = value.data() + value.size();
    const auto [last, error] = std::from_chars(value.data(), end, number);
    return error == std::errc() && last == end ? std::optional(number) : std::nullopt;
}

std::optional<base::Time> time(const pugi::xml_node& node, const char* child) {
    return base::parse_time(text(node, child));
}

}  // namespace aws::xml
