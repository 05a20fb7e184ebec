#include "sim/json_reader.hpp"

#include <utility>

namespace sim {

std::string JsonReader::text(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string()) {
        wrong_type(name, "a string");
        return {};
    }
    return std::string(value->get_string());
}

std::string JsonReader::required(std::string_view name) {
    auto value = text(name);
    if (value.empty()) {
        refuse("MissingParameter", "The request must contain the parameter " + std::string(name) + ".");
    }
    return value;
}

std::optional<long> JsonReader::number(std::string_view name, long least, long most) {
    const auto* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_int64()) {
        wrong_type(name, "a whole number");
        return std::nullopt;
    }
    const long number = value->get_int64();
    if (number < least || number > most) {
        refuse("InvalidParameterValue", "Value " + std::to_string(number) + " for parameter " +
                                            std::string(name) + " is invalid. Reason: Must be between " +
                                            std::to_string(least) + " and " + std::to_string(most) +
                                            ", if provided.");
        return std::nullopt;
    }
    return number;
}

std::vector<std::string> JsonReader::texts(std::string_view name) {
    std::vector<std::string> texts;
    const auto* value = find(name);
    if (value == nullptr) {
        return texts;
    }
    if (!value->is_array()) {
        wrong_type(name, "a list");
        return texts;
    }
    for (const auto& item : value->get_array()) {
        if (item.is_string()) {
            texts.emplace_back(item.get_string());
        } else {
            wrong_type(name, "a list of strings");
        }
    }
    return texts;
}

std::map<std::string, std::string> JsonReader::text_map(std::string_view name) {
    std::map<std::string, std::string> map;
    for (const auto& [key, item] : object(name)) {
        if (item.is_string()) {
            map.emplace(key, item.get_string());
        } else {
            wrong_type(name, "a map of strings");
        }
    }
    return map;
}

std::vector<boost::json::object> JsonReader::objects(std::string_view name) {
    std::vector<boost::json::object> objects;
    const auto* value = find(name);
    if (value == nullptr) {
        return objects;
    }
    if (!value->is_array()) {
        wrong_type(name, "a list");
        return objects;
    }
    for (const auto& item : value->get_array()) {
        if (item.is_object()) {
            objects.push_back(item.get_object());
        } else {
            wrong_type(name, "a list of structures");
        }
    }
    return objects;
}

boost::json::object JsonReader::object(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_object()) {
        wrong_type(name, "a structure");
        return {};
    }
    return value->get_object();
}

void JsonReader::refuse(std::string code, std::string message) {
    if (!fault_) {
        fault_ = Fault{.code = std::move(code), .message = std::move(message)};
    }
}

const boost::json::value* JsonReader::find(std::string_view name) const {
    const auto* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

void JsonReader::wrong_type(std::string_view name, std::string_view expected) {
    refuse("SerializationException", std::string(name) + " must be " + std::string(expected) + ".");
}

}  // namespace sim
