#include "sim/options.hpp"

#include <CLI/CLI.hpp>

#include "base/time.hpp"
#include "sim/control_api.hpp"

namespace sim {

namespace {

const char* const about =
    "AWS on loopback: SQS, EC2's spot machines, Route53, STS, instance metadata and EventBridge, with SigV4 "
    "checked, for demonstrations and tests. Nothing leaves this machine.";

const char* const environment_help = "Control API, on the AWS port, unsigned, from loopback only:\n";

const char* const footer =
    "\nThe environment to use it with is printed at the start, and written by --env-file as shell exports:\n"
    "  AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION\n"
    "  AWS_EC2_METADATA_SERVICE_ENDPOINT SIM_CONTROL_URL SIM_DNS_ADDRESS SIM_DNS_PORT SIM_MACHINE_PORT\n"
    "  SIM_QUEUE_URL (of the first --queue) SIM_ZONE_ID SIM_PRIVATE_ZONE_ID (of the first --zone of either\n"
    "  kind) SIM_ZONES (name=id, for all)\n\n"
    "A machine has a private address 127.16.x.y and, when asked for, a public one 127.32.x.y; it answers "
    "HTTP\n"
    "there on the machine port once it has booted. Its report goes out only if it has an instance profile.\n"
    "AWS CLI 1.x finds SQS only by `aws --endpoint-url $AWS_ENDPOINT_URL sqs ...`.\n";

/// An option that takes a duration such as 1500ms, 30s or 2m.
void add_duration(CLI::App& app, const std::string& name, base::Duration& value, const std::string& text) {
    app.add_option_function<std::string>(
           name,
           [&value, name](const std::string& given) {
               const auto duration = base::parse_duration(given);
               if (!duration) {
                   throw CLI::ValidationError(name,
                                              "must be a duration such as 500ms, 2s or 1m, not " + given);
               }
               value = *duration;
           },
           text)
        ->type_name("DURATION")
        ->default_str(base::format_duration(value));
}

void add_durations(CLI::App& app, Settings& settings) {
    add_duration(app, "--fulfil-after", settings.fulfil_after, "Spot request: open to fulfilled");
    add_duration(app, "--pending-for", settings.pending_for, "Machine: pending to running");
    add_duration(app, "--boot-for", settings.boot_for, "Machine: running to its report and HTTP answer");
    add_duration(app, "--reboot-for", settings.reboot_for, "Machine: how long a reboot takes it away");
    add_duration(app, "--shutdown-for", settings.shutdown_for, "Machine: shutting-down to terminated");
    add_duration(app, "--stop-for", settings.stop_for, "Machine: stopping to stopped");
    add_duration(app, "--image-for", settings.image_for, "Image: pending to available");
    add_duration(app, "--snapshot-held-for", settings.snapshot_held_for,
                 "How long a snapshot is in use after its image is deregistered");
    add_duration(app, "--notice-for", settings.notice_for, "Interruption warning to the machine's end");
    add_duration(app, "--insync-after", settings.insync_after, "Route53: PENDING to INSYNC");
    add_duration(app, "--visible-after", settings.visible_after, "EC2: how long a new id is not found yet");
    add_duration(app, "--session-for", settings.session_for, "Life of a role's credentials");
    add_duration(app, "--terminated-for", settings.terminated_for, "How long a terminated machine is shown");
    add_duration(app, "--ended-request-for", settings.ended_request_for,
                 "How long an ended spot request is shown");
}

void add_account(CLI::App& app, Settings& settings) {
    app.add_option("--account", settings.account, "Account id")->capture_default_str();
    app.add_option("--region", settings.region, "Region")->capture_default_str();
    app.add_option("--access-key-id", settings.access_key_id, "The user's access key")->capture_default_str();
    app.add_option("--secret-access-key", settings.secret_access_key, "The user's secret key")
        ->capture_default_str();
    app.add_option("--manager-role", settings.manager_role,
                   "Role that IMDS gives to callers that are no machine")
        ->capture_default_str();
    app.add_option("--spot-price", settings.spot_price, "Price of every pool, USD an hour")
        ->capture_default_str();
    app.add_option("--spot-vcpus", settings.spot_vcpus_max,
                   "Quota of the spot market, in vCPUs (default: none)");
    app.add_option("--on-demand-vcpus", settings.on_demand_vcpus_max,
                   "Quota of the on-demand market, in vCPUs (default: none)");
    app.add_option("--events-to-queue", settings.events_to_queues,
                   "Queue that EventBridge feeds, may be repeated (default: every --queue)");
    app.add_flag("--limits", settings.keep_limits,
                 "Throttle calls beyond the rates that AWS publishes for EC2 and Route 53");
    app.add_flag("--legacy-reports", settings.legacy_reports,
                 "Machines report in the words of the earlier system");
}

}  // namespace

std::optional<Options> read_options(int argc, const char* const* argv, int& exit_code) {
    Options options;
    CLI::App app(about, "spot-manager-sim");
    app.footer(std::string(environment_help) + control_summary + fault_summary + footer);
    app.get_formatter()->column_width(34);
    app.add_option("--address", options.address, "Address to listen on")->capture_default_str();
    app.add_option("--port", options.port, "AWS APIs and control API; 0: any free one")
        ->capture_default_str();
    app.add_option("--imds-port", options.imds_port, "Instance metadata; 0: any")->capture_default_str();
    app.add_option("--machine-port", options.machine_port,
                   "HTTP of the machines, on their own addresses; 0: any")
        ->capture_default_str();
    app.add_option("--dns-port", options.dns_port, "DNS, UDP and TCP; 0: any")->capture_default_str();
    app.add_option("--queue", options.queues, "Queue to make at the start, may be repeated");
    app.add_option("--zone", options.zones,
                   "Hosted zone to make at the start: NAME or NAME:private, may be repeated");
    app.add_option("--env-file", options.env_file, "File for the environment, written when all is ready");
    app.add_option("--unkind", options.unkind,
                   "Play a mixture of all faults from the start, with this probability a call")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "Of faults: the same calls meet the same ones")
        ->capture_default_str();
    app.add_option("--log-level", options.log_level, "debug tells every call")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
        ->capture_default_str();
    add_durations(app, options.settings);
    add_account(app, options.settings);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        exit_code = app.exit(error);
        return std::nullopt;
    }
    if (options.settings.events_to_queues.empty()) {
        options.settings.events_to_queues = options.queues;
    }
    return options;
}

}  // namespace sim
