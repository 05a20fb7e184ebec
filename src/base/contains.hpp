#pragma once

#include <algorithm>
#include <ranges>

namespace base {

/// Whether a range holds a value; std::ranges::contains comes with a later libstdc++.
template <std::ranges::input_range Range, class Value>
bool contains(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace base
