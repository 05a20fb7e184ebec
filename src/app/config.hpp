#pragma once

#include <string>

#include "base/log.hpp"
#include "base/result.hpp"
#include "manager/settings.hpp"

namespace CLI {
class App;
}

namespace app {

/// The settings of `spot-manager serve`, and of what asks about it. Each is `--kebab-case` on the command
/// line, SPOT_MANAGER_UPPER_CASE in the environment and `snake_case` in the file; in this order of
/// precedence. AWS's own settings have AWS's own names.
struct Config {
    std::string queue;  ///< `queue_url`: a URL, or a queue's name
    std::string listen = "127.0.0.1:8470";
    std::string store = "/var/lib/spot-manager";
    std::string tokens_file;
    std::string tls_certificate;
    std::string tls_key;
    bool insecure = false;
    bool metrics_open = false;
    std::string log_level = "info";
    std::string log_format = "auto";
    std::string legacy_reports = "own";
    std::string orphans = "report";
    manager::Settings manager;

    std::string listen_address() const;
    std::uint16_t listen_port() const;
};

/// The command `serve` with all its settings, written into `config` when the command line is parsed; `file`
/// gets the name that `--config` gives.
CLI::App* add_serve_command(CLI::App& program, Config& config, std::string& file);

/// The command `healthcheck`, which is given the settings of the manager that it asks about.
CLI::App* add_healthcheck_command(CLI::App& program, Config& config, std::string& file);

/// The commands `explain` and `images`, which are given the settings of the manager that they ask, and a
/// name.
CLI::App* add_explain_command(CLI::App& program, Config& config, std::string& file, std::string& name);
CLI::App* add_images_command(CLI::App& program, Config& config, std::string& file, std::string& name);

/// Reads the file for what neither the command line nor the environment said, and checks the whole. The error
/// names the setting, its value and what would be right.
base::Result<void> complete_config(CLI::App& command, Config& config, const std::string& file);

}  // namespace app
