#include "aws/environment.hpp"

#include <unistd.h>

#include <utility>

#include "base/text.hpp"

namespace aws {

Environment::Environment(std::map<std::string, std::string, std::less<>> values)
    : values_(std::move(values)) {}

Environment Environment::of_process() {
    std::map<std::string, std::string, std::less<>> values;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const auto [name, value] = base::split_once(*entry, '=');
        values.emplace(name, value);
    }
    return Environment(std::move(values));
}

std::optional<std::string> Environment::get(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

std::string Environment::get_or(std::string_view name, std::string_view otherwise) const {
    return get(name).value_or(std::string(otherwise));
}

bool Environment::is_true(std::string_view name) const {
    const auto value = get(name);
    return value && base::equal_ignoring_case(base::trim(*value), "true");
}

}  // namespace aws
