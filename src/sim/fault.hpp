#pragma once

#include <expected>
#include <string>
#include <utility>

namespace sim {

/// An answer by which AWS refuses a call; each protocol writes it in its own form.
struct Fault {
    std::string code;  ///< AWS's code: `InvalidInstanceID.NotFound`
    std::string message;
    int status = 400;
};

template <class T>
using Answer = std::expected<T, Fault>;

/// For `return refuse("...", "...")` in a function that returns an Answer.
inline std::unexpected<Fault> refuse(std::string code, std::string message, int status = 400) {
    return std::unexpected(Fault{std::move(code), std::move(message), status});
}

}  // namespace sim
