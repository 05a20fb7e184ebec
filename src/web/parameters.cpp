#include "web/parameters.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace web {

std::optional<std::string> Parameters::take(const std::string& name) {
    known_ += (known_.empty() ? "" : ", ") + name;
    auto node = given_.extract(name);
    return node ? std::optional(std::move(node.mapped())) : std::nullopt;
}

std::uint64_t Parameters::take_number(const std::string& name, std::uint64_t otherwise, std::uint64_t most) {
    const auto value = take(name);
    const auto number = base::parse_number(value.value_or(""));
    if (value && (!number || *number == 0 || *number > most)) {
        refuse(name, *value,
               most == UINT64_MAX ? "a number from 1" : fmt::format("a number from 1 to {}", most));
        return otherwise;
    }
    return number.value_or(otherwise);
}

bool Parameters::take_flag(const std::string& name) {
    const auto value = take(name);
    if (value && *value != "true" && *value != "false") {
        refuse(name, *value, "true or false");
    }
    return value == "true";
}

std::optional<std::string> Parameters::fault() const {
    if (fault_ || given_.empty()) {
        return fault_;
    }
    const auto unknown = base::cut(given_.begin()->first, 40);
    return known_.empty() ? fmt::format("there is no parameter `{}`; this call has none", unknown)
                          : fmt::format("there is no parameter `{}`; there are {}", unknown, known_);
}

void Parameters::refuse(const std::string& name, std::string_view value, const std::string& right) {
    if (!fault_) {
        fault_ = fmt::format("`{}` cannot be `{}`: it must be {}", name, base::cut(value, 40), right);
    }
}

}  // namespace web
