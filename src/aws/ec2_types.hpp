#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

/// The parts of EC2's shapes that this client reads and writes, in EC2's own words.
namespace aws {

enum class InstanceState { unknown, pending, running, shutting_down, terminated, stopping, stopped };
enum class SpotRequestState { unknown, open, active, closed, cancelled, failed, disabled };

/// AWS's words: `shutting-down`. `unknown` for a word that is not known.
std::string_view to_string(InstanceState state);
std::string_view to_string(SpotRequestState state);
InstanceState parse_instance_state(std::string_view word);
SpotRequestState parse_spot_request_state(std::string_view word);

using Tags = std::map<std::string, std::string>;

struct Filter {
    std::string name;  ///< `tag:KEY`, `instance-state-name`
    std::vector<std::string> values;
};

struct BlockDeviceMapping {
    std::string device_name;
    std::string virtual_name;        ///< `ephemeral0`; empty: none
    std::optional<int> volume_size;  ///< GiB
    std::string volume_type;
    std::string snapshot_id;
    std::optional<int> iops;
    std::optional<int> throughput;  ///< MiB a second
    std::optional<bool> encrypted;
    std::optional<bool> delete_on_termination;
};

struct LaunchSpecification {
    std::string image_id;
    std::string instance_type;
    std::string subnet_id;
    std::vector<std::string> security_group_ids;
    std::string key_name;
    std::string iam_instance_profile;  ///< name or ARN
    std::string user_data;             ///< as it is; base64 is put on by the call
    std::vector<BlockDeviceMapping> block_device_mappings;
    /// Said outright, subnet and groups travel in the network interface; nothing: the subnet decides.
    std::optional<bool> associate_public_ip_address;
};

struct SpotRequest {
    std::string id;  ///< `sir-...`
    SpotRequestState state = SpotRequestState::unknown;
    std::string status_code;  ///< `fulfilled`, `capacity-not-available`
    std::string status_message;
    std::optional<base::Time> status_time;  ///< since when it has this status
    std::string fault_code;
    std::string fault_message;
    std::string instance_id;  ///< empty until fulfilled
    std::string availability_zone;
    std::string instance_type;
    std::string image_id;
    std::string max_price;
    std::optional<base::Time> created;
    std::optional<base::Time> valid_until;
    Tags tags;
};

struct Instance {
    std::string id;  ///< `i-...`
    InstanceState state = InstanceState::unknown;
    std::string state_reason_code;  ///< `Server.SpotInstanceTermination`
    std::string state_reason_message;
    std::string private_address;  ///< empty while there is none
    std::string public_address;
    std::string instance_type;
    std::string image_id;
    std::string availability_zone;
    std::string subnet_id;
    std::string spot_request_id;  ///< empty for on-demand
    bool spot = false;
    std::string client_token;
    std::optional<base::Time> launched;
    Tags tags;
};

/// What AWS has planned for an instance.
struct InstanceEvent {
    std::string code;         ///< `instance-retirement`, `system-reboot`
    std::string description;  ///< begins with `[Completed]` or `[Canceled]` when it is past
    std::optional<base::Time> not_before;
};

struct InstanceStatus {
    std::string id;
    std::string instance_status;  ///< `ok`, `impaired`, `initializing`, `insufficient-data`, `not-applicable`
    std::string system_status;    ///< likewise
    std::vector<InstanceEvent> events;
};

struct InstanceStateChange {
    std::string id;
    InstanceState previous = InstanceState::unknown;
    InstanceState current = InstanceState::unknown;
};

}  // namespace aws
