#include "sim/form.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace sim {

Form Form::parse(std::string_view body) {
    Form form;
    for (const auto pair : base::split(body, '&')) {
        const auto [name, value] = base::split_once(pair, '=');
        if (!name.empty()) {
            form.values_[base::percent_decode(name, true).value_or(std::string(name))] =
                base::percent_decode(value, true).value_or(std::string(value));
        }
    }
    return form;
}

std::string Form::text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
}

std::string Form::required(const std::string& name) {
    auto value = text(name);
    if (value.empty()) {
        refuse("MissingParameter", "The request must contain the parameter " + name);
    }
    return value;
}

std::vector<std::string> Form::list(const std::string& name) const {
    std::map<std::uint64_t, std::string> numbered;
    for (const auto& [key, value] : group(name).values_) {
        if (const auto number = base::parse_number(key)) {
            numbered[*number] = value;
        }
    }
    std::vector<std::string> values;
    for (auto& [number, value] : numbered) {
        values.push_back(std::move(value));
    }
    return values;
}

std::vector<Form> Form::groups(const std::string& name) const {
    std::map<std::uint64_t, Form> numbered;
    for (const auto& [key, value] : group(name).values_) {
        const auto [index, rest] = base::split_once(key, '.');
        const auto number = base::parse_number(index);
        if (number && !rest.empty()) {
            numbered[*number].values_[std::string(rest)] = value;
        }
    }
    std::vector<Form> forms;
    for (auto& [number, form] : numbered) {
        forms.push_back(std::move(form));
    }
    return forms;
}

Form Form::group(const std::string& name) const {
    Form form;
    const auto prefix = name + ".";
    for (auto at = values_.lower_bound(prefix); at != values_.end() && at->first.starts_with(prefix); ++at) {
        form.values_[at->first.substr(prefix.size())] = at->second;
    }
    return form;
}

std::optional<long> Form::number(const std::string& name, long least, long most) {
    if (!has(name)) {
        return std::nullopt;
    }
    const auto value = base::parse_number(text(name));
    if (!value || std::cmp_less(*value, least) || std::cmp_greater(*value, most)) {
        refuse("InvalidParameterValue", "Value (" + text(name) + ") for parameter " + name +
                                            " is invalid. Expecting a whole number from " +
                                            std::to_string(least) + " to " + std::to_string(most) + ".");
        return std::nullopt;
    }
    return static_cast<long>(*value);
}

bool Form::boolean(const std::string& name) {
    const auto value = base::to_lower(text(name));
    if (!value.empty() && value != "true" && value != "false") {
        refuse("InvalidParameterValue", "Value (" + value + ") for parameter " + name + " is invalid.");
    }
    return value == "true";
}

std::optional<base::Time> Form::time(const std::string& name) {
    if (!has(name)) {
        return std::nullopt;
    }
    auto time = base::parse_time(text(name));
    if (!time) {
        refuse("InvalidParameterValue", "Value (" + text(name) + ") for parameter " + name +
                                            " is invalid. Expecting a time such as 2026-01-15T12:00:00Z.");
    }
    return time;
}

Form Form::over(const Form& below) const {
    const auto first_part = [](const std::string& name) { return name.substr(0, name.find('.')); };
    Form form = *this;
    for (const auto& [name, value] : below.values_) {
        const auto member = first_part(name);
        if (!has(member) && group(member).values_.empty()) {
            form.values_[name] = value;
        }
    }
    return form;
}

std::vector<std::string> Form::names() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : values_) {
        names.push_back(name);
    }
    return names;
}

void Form::refuse(std::string code, std::string message) {
    if (!fault_) {
        fault_ = Fault{.code = std::move(code), .message = std::move(message)};
    }
}

std::string Form::canonical(const std::vector<std::string>& without) const {
    std::string text;
    for (const auto& [name, value] : values_) {
        if (std::ranges::find(without, name) == without.end()) {
            text += base::percent_encode(name) + "=" + base::percent_encode(value) + "&";
        }
    }
    return text;
}

}  // namespace sim
