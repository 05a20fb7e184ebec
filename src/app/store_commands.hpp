#pragma once

#include <string>

namespace CLI {
class App;
}

namespace app {

struct StoreOptions {
    std::string store = "/var/lib/spot-manager";
    std::string file;
    bool replace = false;
};

/// `store` with its commands export, backup and restore, written into `options` when the command line is
/// parsed.
CLI::App* add_store_commands(CLI::App& program, StoreOptions& options);

/// Runs the one that was given. Returns the exit status: 2 with one sentence on standard error when it
/// cannot.
int run_store_command(const CLI::App& store, const StoreOptions& options);

}  // namespace app
