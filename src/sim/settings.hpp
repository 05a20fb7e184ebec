#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace sim {

/// What the simulated account is like. The durations are short enough for a demonstration.
struct Settings {
    std::string account = "123456789012";
    std::string region = "us-east-1";
    std::string access_key_id = "AKIDSIMULATOR";
    std::string secret_access_key = "simulator/secret/key/known/to/everyone+0";
    std::string manager_role = "spot-manager";  ///< the role that IMDS gives to the manager's own machine

    base::Duration fulfil_after = std::chrono::seconds{1};  ///< RequestSpotInstances to fulfilment
    base::Duration pending_for = std::chrono::seconds{1};   ///< machine: pending to running
    base::Duration boot_for = std::chrono::seconds{1};      ///< machine: running to report and HTTP answer
    base::Duration reboot_for = std::chrono::seconds{1};    ///< machine: how long a reboot takes it away
    base::Duration shutdown_for = std::chrono::seconds{1};  ///< shutting-down to terminated
    base::Duration stop_for = std::chrono::seconds{1};      ///< stopping to stopped
    base::Duration image_for = std::chrono::seconds{2};     ///< image: pending to available
    base::Duration snapshot_held_for = std::chrono::seconds{1};  ///< in use after its image is deregistered
    base::Duration notice_for = std::chrono::seconds{120};       ///< interruption warning to the end
    base::Duration insync_after = std::chrono::seconds{1};       ///< Route53: PENDING to INSYNC
    base::Duration visible_after{0};                             ///< EC2: a new id to its being found
    base::Duration session_for = std::chrono::hours{6};          ///< life of role credentials
    base::Duration terminated_for = std::chrono::hours{1};       ///< how long EC2 shows a terminated machine
    base::Duration ended_request_for = std::chrono::hours{4};    ///< how long EC2 shows an ended spot request

    std::string spot_price = "0.0350";   ///< of every pool without a price of its own, USD an hour
    std::optional<long> spot_vcpus_max;  ///< the quota, open spot requests included; none: any number
    std::optional<long> on_demand_vcpus_max;
    std::vector<std::string> events_to_queues;  ///< names of the queues that EventBridge's rules feed
    bool keep_limits = false;                   ///< calls beyond AWS's published rates are throttled
    bool legacy_reports = false;                ///< machines report in the words of the earlier system
};

}  // namespace sim
