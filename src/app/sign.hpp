#pragma once

#include <string>

namespace CLI {
class App;
}

namespace app {

struct SignOptions {
    std::string store = "/var/lib/spot-manager";
    std::string name;
    std::string image;
};

/// `sign`, written into `options` when the command line is parsed.
CLI::App* add_sign_command(CLI::App& program, SignOptions& options);

/// Prints the message that, put into the queue, brings an image into the name's chain, whatever tool has made
/// it. Returns the exit status: 2 with one sentence on standard error when it cannot.
int sign(const SignOptions& options);

}  // namespace app
