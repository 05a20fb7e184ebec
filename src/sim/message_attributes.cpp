#include "sim/message_attributes.hpp"

#include <map>

#include "base/hash.hpp"

namespace sim {

namespace {

std::string with_length(std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    std::string out;
    for (const auto shift : {24U, 16U, 8U, 0U}) {
        out += static_cast<char>(size >> shift & 0xFFU);
    }
    return out += text;
}

std::string_view member(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

}  // namespace

Answer<std::string> attributes_md5(const boost::json::object& attributes) {
    std::map<std::string, std::string> encoded;
    for (const auto& [name, value] : attributes) {
        const auto invalid = [&name] {
            return refuse("InvalidParameterValue",
                          "The message attribute '" + std::string(name) +
                              "' must contain a non-empty message attribute value of a "
                              "known type (String, Number or Binary).");
        };
        if (!value.is_object()) {
            return invalid();
        }
        const auto type = member(value.get_object(), "DataType");
        const bool binary = type.starts_with("Binary");
        if (!binary && !type.starts_with("String") && !type.starts_with("Number")) {
            return invalid();
        }
        auto content = std::string(member(value.get_object(), binary ? "BinaryValue" : "StringValue"));
        if (binary) {
            content = base::base64_decode(content).value_or("");
        }
        if (content.empty()) {
            return invalid();
        }
        encoded[name] = with_length(name) + with_length(type) + (binary ? '\2' : '\1') + with_length(content);
    }
    if (encoded.empty()) {
        return "";
    }
    std::string all;
    for (const auto& [name, text] : encoded) {
        all += text;
    }
    return base::md5_hex(all);
}

boost::json::object select_attributes(const boost::json::object& attributes,
                                      const std::vector<std::string>& names) {
    boost::json::object selected;
    for (const auto& [name, value] : attributes) {
        for (const auto& wanted : names) {
            const bool by_prefix = wanted.ends_with(".*") &&
                                   std::string_view(name).starts_with(wanted.substr(0, wanted.size() - 2));
            if (wanted == "All" || wanted == name || by_prefix) {
                selected[name] = value;
            }
        }
    }
    return selected;
}

bool valid_message_body(std::string_view body) {
    for (const char c : body) {
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            return false;
        }
    }
    // U+FFFE and U+FFFF; surrogates are no UTF-8 anyway.
    return body.find("\xEF\xBF\xBE") == std::string_view::npos &&
           body.find("\xEF\xBF\xBF") == std::string_view::npos;
}

}  // namespace sim
