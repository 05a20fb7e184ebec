#include "sim/ec2_filters.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace sim {

std::vector<Filter> read_filters(const Form& form) {
    std::vector<Filter> filters;
    for (const auto& group : form.groups("Filter")) {
        filters.push_back({.name = group.text("Name"), .values = group.list("Value")});
    }
    return filters;
}

Answer<bool> matches(const std::vector<Filter>& filters, const FilterValues& values) {
    bool all = true;
    for (const auto& filter : filters) {
        const auto found = values(filter.name);
        if (!found) {
            return refuse("InvalidParameterValue", "The filter '" + filter.name + "' is invalid");
        }
        all = all && std::ranges::any_of(*found, [&](const std::string& value) {
                  return std::ranges::any_of(filter.values, [&](const std::string& pattern) {
                      return matches_wildcards(value, pattern);
                  });
              });
    }
    return all;
}

std::optional<std::vector<std::string>> tag_values(const Tags& tags, const std::string& name) {
    std::vector<std::string> values;
    if (name.starts_with("tag:")) {
        if (const auto found = tags.find(name.substr(4)); found != tags.end()) {
            values.push_back(found->second);
        }
        return values;
    }
    if (name != "tag-key" && name != "tag-value") {
        return std::nullopt;
    }
    for (const auto& [key, value] : tags) {
        values.push_back(name == "tag-key" ? key : value);
    }
    return values;
}

bool matches_wildcards(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    std::size_t in_pattern = 0;
    std::size_t star = std::string_view::npos;  // the last star, and where the text was then
    std::size_t star_at = 0;
    while (at < text.size()) {
        if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
            star = in_pattern++;
            star_at = at;
        } else if (in_pattern < pattern.size() &&
                   (pattern[in_pattern] == '?' || pattern[in_pattern] == text[at])) {
            ++at;
            ++in_pattern;
        } else if (star != std::string_view::npos) {
            in_pattern = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

Answer<Page> paginate(const std::vector<std::string>& ids, Form& form, long least) {
    const auto most = form.number("MaxResults", least, 1000);
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    static constexpr std::string_view mark = "after ";
    std::string last;
    if (const auto token = form.text("NextToken"); !token.empty()) {
        const auto text = base::base64_decode(token);
        if (!text || !text->starts_with(mark)) {
            return refuse("InvalidNextToken", "The token '" + token + "' is invalid");
        }
        last = text->substr(mark.size());
    }
    Page page;
    const auto from = std::ranges::upper_bound(ids, last);
    const auto left = static_cast<long>(ids.end() - from);
    const auto count = std::min(left, most.value_or(1000));
    page.ids.assign(from, from + count);
    if (count < left) {
        page.next_token = base::base64_encode(std::string(mark) + page.ids.back());
    }
    return page;
}

}  // namespace sim
