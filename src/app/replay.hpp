#pragma once

#include <string>

/// `spot-manager replay`: recorded messages through the pure core, without a call to AWS.
namespace app {

struct ReplayOptions {
    std::string messages_file;  ///< JSON lines `{"received","sent_ms","body"}`
    std::string managed_file;   ///< JSON lines `{"name","requests":["sir-…",…]}`
    bool table = false;         ///< for people instead of programs
};

/// Prints what became of each message and where each name ended. Returns the exit status: 0, or 2 with one
/// sentence on standard error when an input cannot be read.
int replay(const ReplayOptions& options);

}  // namespace app
