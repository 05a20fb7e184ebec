#include "app/config.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>

#include "base/text.hpp"

namespace app {
namespace {

std::string replaced(std::string text, char from, char to) {
    std::ranges::replace(text, from, to);
    return text;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

/// Adds options by their name in the file.
class Adder {
  public:
    explicit Adder(CLI::App& command) : command_(command) {}

    template <class T>
    CLI::Option* add(const std::string& name, T& value, const std::string& help) {
        return named(command_.add_option("--" + replaced(name, '_', '-'), value, help), name)
            ->capture_default_str();
    }

    void add_switch(const std::string& name, bool& value, const std::string& help) {
        // With a value, so that the three places are written alike: `insecure = true`, `--insecure true`.
        add(name, value, help)->expected(0, 1)->default_str("false");
    }

    void add_duration(const std::string& name, base::Duration& value, const std::string& help) {
        const auto read = [&value](const std::string& text) -> std::string {
            const auto duration = base::parse_duration(text);
            if (!duration || duration->count() == 0) {
                return "must be a duration such as \"30s\", \"1500ms\" or \"2m\", not \"" + text + "\"";
            }
            value = *duration;
            return {};
        };
        named(command_.add_option_function<std::string>(
                  "--" + replaced(name, '_', '-'), [](const std::string&) {}, help),
              name)
            ->check(CLI::Validator([read](std::string& text) { return read(text); }, "DURATION", name))
            ->default_str(base::format_duration(value));
    }

  private:
    static CLI::Option* named(CLI::Option* option, const std::string& name) {
        return option->envname("SPOT_MANAGER_" + upper(name));
    }

    CLI::App& command_;
};

void add_web_settings(Adder& adder, Config& config) {
    adder.add("listen", config.listen, "Where the HTTP API listens, ADDRESS:PORT");
    adder.add("tokens_file", config.tokens_file,
              "Bearer tokens, a line each: `read TOKEN` or `write TOKEN`; without it the API is open on "
              "loopback only");
    adder.add("tls_certificate", config.tls_certificate, "PEM file with the API's certificate chain");
    adder.add("tls_key", config.tls_key, "PEM file with the certificate's key");
    adder.add_switch("insecure", config.insecure, "Accept plain HTTP beyond loopback");
    adder.add_switch("metrics_open", config.metrics_open, "Serve /metrics without a token");
    adder.add("log_level", config.log_level, "debug, info, warning, error or critical")
        ->check(CLI::IsMember({"debug", "info", "warning", "error", "critical"}));
    adder.add("log_format", config.log_format, "json, logfmt, or auto: logfmt on a terminal, else json")
        ->check(CLI::IsMember({"auto", "json", "logfmt"}));
}

void add_manager_settings(Adder& adder, Config& config) {
    auto& manager = config.manager;
    auto& policy = manager.policy;
    adder
        .add("legacy_reports", config.legacy_reports,
             "Whose reports of the earlier system are believed: own (the machine's own role session) or any")
        ->check(CLI::IsMember({"own", "any"}));
    adder.add_switch("legacy_registrations", manager.rules.legacy_registrations,
                     "Take unsigned registrations of the earlier system from the queue");
    adder.add("actions_at_once", manager.actions_at_once, "How many actions in AWS may be under way")
        ->check(CLI::Range(1, 1000));
    adder.add("receivers_max", manager.receivers_max, "How many receivers read a full queue at once")
        ->check(CLI::Range(1, 32));
    adder.add_duration("receive_wait", manager.receive_wait, "How long a poll of the queue waits, 1s to 20s");
    adder.add_duration("hidden_for", manager.hidden_for,
                       "When a message that was received and not finished comes again, from 1s");
    adder.add_duration("sweep_every", manager.sweep_every, "Between looks at all spot requests and machines");
    adder.add_duration("image_sweep_every", manager.image_sweep_every,
                       "Between looks at all images and snapshots");
    adder
        .add("orphans", config.orphans,
             "What carries this store's tag in EC2 and is of a name that it has retired: report, or end")
        ->check(CLI::IsMember({"report", "end"}));
    adder.add_duration("orphan_grace", policy.orphan_grace,
                       "From a name's end, and from the first sight of an orphan, to the orphan's end");
    adder.add_duration("call_timeout", manager.call_timeout, "For one AWS call, retries included");
    adder.add_duration("probe_timeout", manager.probe_timeout, "For one readiness probe");
    adder.add_duration("watch_every", manager.watch_every, "Between probes of machines that have been ready");
    adder.add_duration("dns_gather", manager.dns_gather, "DNS changes that come within it go together");
    adder.add_duration("open_for", policy.open_for, "A spot request that is open longer is cancelled");
    adder.add_duration("backoff_first", policy.backoff_first, "After an action's first failure; doubles");
    adder.add_duration("backoff_max", policy.backoff_max, "The longest wait after an action's failure");
    adder.add_duration("relaunch_backoff_first", policy.relaunch_backoff_first,
                       "Before the next attempt when the last gave no machine; doubles");
    adder.add_duration("relaunch_backoff_max", policy.relaunch_backoff_max,
                       "The longest wait before an attempt");
    adder.add_duration("avoid_first", policy.avoid_first,
                       "A pool without capacity, or that gave a notice, is avoided for it; doubles");
    adder.add_duration("avoid_max", policy.avoid_max, "The longest time for which a pool is avoided");
    adder.add_duration("back_to_spot_first", policy.back_to_spot_first,
                       "On-demand, before a spot machine is tried for; doubles");
    adder.add_duration("back_to_spot_max", policy.back_to_spot_max,
                       "The longest time between tries for a spot machine");
    adder.add_duration("look_every", policy.look_every, "Between looks at what is on its way");
    adder.add_duration("probe_every", policy.probe_every, "Between readiness probes");
    adder.add_duration("change_every", policy.change_every,
                       "Between looks at a DNS change that is not in sync");
    adder.add_duration("legacy_settle", policy.legacy_settle,
                       "From a legacy report to ready, without a probe");
    adder
        .add("replacements_at_once", policy.replacements_at_once,
             "How many replacements that can wait may be under way")
        ->check(CLI::Range(1, 1000));
    adder.add_duration("turn_every", policy.turn_every,
                       "Between looks whether a replacement that waits may begin");
    adder.add_duration("rebalance_cooldown", policy.rebalance_cooldown,
                       "Between replacements of one name for AWS's recommendations");
    adder.add_duration("image_fresh_for", manager.image_fresh_for,
                       "A name without a good image as young is told of by a metric");
    adder.add_duration("image_every", policy.image_every,
                       "Between looks at an image that EC2 has not described yet");
    adder.add_duration("image_backoff_first", policy.image_backoff_first,
                       "After an image's first failure; doubles");
    adder.add_duration("image_backoff_max", policy.image_backoff_max,
                       "The longest wait after an image's failure");
    adder.add_duration("image_pending_max", policy.image_pending_max,
                       "An image that is being made for longer is given up");
    adder.add_duration("image_announce_every", policy.image_announce_every,
                       "Between announcements of an image, until one has come through the queue");
    adder.add_duration("reboot_for", policy.reboot_for,
                       "For a machine that reboots for its image: signs of trouble do not count");
    adder.add_duration("test_without_machine", policy.test_without_machine,
                       "A test of an image that gets no machine is given up");
    adder.add_duration("leave_after", policy.leave_after,
                       "A machine that AWS said it would take, and did not by then, is ended");
}

/// `file` gets the name that `--config` gives.
void add_settings(CLI::App* command, Config& config, std::string& file) {
    command
        ->add_option("--config", file,
                     "Settings in a file, `snake_case = value` a line (config/spot-manager.toml)")
        ->envname("SPOT_MANAGER_CONFIG");
    Adder adder(*command);
    adder.add("queue_url", config.queue, "The SQS queue with EventBridge's events: its URL or its name");
    adder.add("store", config.store, "The folder with the state; on a local disk");
    add_web_settings(adder, config);
    add_manager_settings(adder, config);
    command->footer(
        "Each setting is also SPOT_MANAGER_UPPER_CASE in the environment and snake_case in the file; the "
        "command line\n"
        "goes before the environment, and that before the file. Credentials, region and endpoints are AWS's "
        "own\n"
        "settings: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL and the like.");
}

/// A value of the file stands where neither the command line nor the environment spoke.
base::Result<void> take_file(CLI::App& command, const std::string& file) {
    std::ifstream stream(file);
    if (!stream) {
        return base::fail("the configuration file " + file + " cannot be opened");
    }
    try {
        for (const auto& item : CLI::ConfigTOML().from_config(stream)) {
            auto* option = item.parents.empty() && item.name != "config" && item.name != "help"
                               ? command.get_option_no_throw("--" + replaced(item.name, '_', '-'))
                               : nullptr;
            if (!option) {
                return base::fail(file + ": " + item.fullname() + " is not a known setting");
            }
            if (option->count() == 0) {
                option->add_result(item.inputs);
                option->run_callback();
            }
        }
    } catch (const CLI::Error& error) {
        return base::fail(file + ": " + error.what());
    }
    return {};
}

/// SQS takes its times in whole seconds.
base::Result<void> check_whole_seconds(const std::string& name, base::Duration value, base::Duration most) {
    if (value < std::chrono::seconds{1} || value > most || value.count() % 1000 != 0) {
        return base::fail(name + ": \"" + base::format_duration(value) +
                          "\" must be whole seconds from 1s to " + base::format_duration(most));
    }
    return {};
}

base::Result<void> check(const Config& config, bool serves) {
    if (serves && config.queue.empty()) {
        return base::fail(
            "queue_url is required: the URL or the name of the SQS queue, as --queue-url, "
            "SPOT_MANAGER_QUEUE_URL or in the file");
    }
    if (config.listen_address().empty() || config.listen_port() == 0) {
        return base::fail("listen: \"" + config.listen +
                          "\" must be ADDRESS:PORT, for example \"127.0.0.1:8470\"");
    }
    if (config.tls_certificate.empty() != config.tls_key.empty()) {
        return base::fail("tls_certificate and tls_key must be given together");
    }
    if (auto checked =
            check_whole_seconds("receive_wait", config.manager.receive_wait, std::chrono::seconds{20});
        !checked) {
        return checked;
    }
    return check_whole_seconds("hidden_for", config.manager.hidden_for, std::chrono::hours{12});
}

}  // namespace

std::string Config::listen_address() const {
    auto address = listen.substr(0, listen.rfind(':') == std::string::npos ? 0 : listen.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    return address;
}

std::uint16_t Config::listen_port() const {
    const auto at = listen.rfind(':');
    const auto port = at == std::string::npos ? std::nullopt : base::parse_number(listen.substr(at + 1));
    return port && *port < 65536 ? static_cast<std::uint16_t>(*port) : std::uint16_t{0};
}

CLI::App* add_serve_command(CLI::App& program, Config& config, std::string& file) {
    auto* command = program.add_subcommand("serve", "Run the manager and its HTTP API.");
    add_settings(command, config, file);
    return command;
}

CLI::App* add_healthcheck_command(CLI::App& program, Config& config, std::string& file) {
    auto* command = program.add_subcommand(
        "healthcheck", "Ask the manager that runs here with the same settings whether it is well.");
    add_settings(command, config, file);
    return command;
}

CLI::App* add_explain_command(CLI::App& program, Config& config, std::string& file, std::string& name) {
    auto* command = program.add_subcommand(
        "explain", "Ask the manager that runs here with the same settings why a name is where it is.");
    command->add_option("name", name, "The managed instance")->required();
    add_settings(command, config, file);
    return command;
}

CLI::App* add_images_command(CLI::App& program, Config& config, std::string& file, std::string& name) {
    auto* command = program.add_subcommand(
        "images", "Ask the manager that runs here with the same settings for the images of a name.");
    command->add_option("name", name, "The managed instance")->required();
    add_settings(command, config, file);
    return command;
}

base::Result<void> complete_config(CLI::App& command, Config& config, const std::string& file) {
    if (!file.empty()) {
        if (auto taken = take_file(command, file); !taken) {
            return taken;
        }
    }
    config.manager.rules.legacy_reports_any = config.legacy_reports == "any";
    config.manager.policy.end_orphans = config.orphans == "end";
    return check(config, command.get_name() == "serve");
}

}  // namespace app
