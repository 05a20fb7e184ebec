#pragma once

#include <expected>
#include <string>
#include <utility>

namespace base {

/// Why something could not be done, as one sentence for a person.
struct Error {
    std::string message;
};

/// A value, or why there is none. Expected failures travel as values; exceptions are for what is broken.
template <class T>
using Result = std::expected<T, Error>;

/// For `return base::fail("...")` in a function that returns a Result.
inline std::unexpected<Error> fail(std::string message) {
    return std::unexpected(Error{std::move(message)});
}

}  // namespace base
