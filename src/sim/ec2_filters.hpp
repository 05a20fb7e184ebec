#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault.hpp"
#include "sim/form.hpp"
#include "sim/machines.hpp"

namespace sim {

/// `Filter.N.Name` with its values: values are alternatives, filters must all match; `*` and `?` are
/// wildcards.
struct Filter {
    std::string name;
    std::vector<std::string> values;
};

std::vector<Filter> read_filters(const Form& form);

/// The values that a resource has under a filter's name; nothing when there is no such filter.
using FilterValues = std::function<std::optional<std::vector<std::string>>(const std::string& name)>;

/// Whether a resource passes. An unknown filter is refused.
Answer<bool> matches(const std::vector<Filter>& filters, const FilterValues& values);

/// The values of `tag:KEY`, `tag-key` and `tag-value`; nothing for other names.
std::optional<std::vector<std::string>> tag_values(const Tags& tags, const std::string& name);

/// Case-sensitive; `*` stands for any text, `?` for one byte.
bool matches_wildcards(std::string_view text, std::string_view pattern);

/// One page of ids in order, as MaxResults and NextToken ask.
struct Page {
    std::vector<std::string> ids;
    std::string next_token;  ///< empty: this was the last
};
/// `ids` are sorted.
Answer<Page> paginate(const std::vector<std::string>& ids, Form& form, long least);

}  // namespace sim
