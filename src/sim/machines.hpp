#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sim/settings.hpp"
#include "sim/timeline.hpp"

namespace sim {

using Tags = std::map<std::string, std::string>;

/// EC2's instance states with their codes.
enum class MachineState {
    pending = 0,
    running = 16,
    shutting_down = 32,
    terminated = 48,
    stopping = 64,
    stopped = 80
};

/// `shutting-down`, as in answers and events.
std::string_view name_of(MachineState state);

/// A volume of EBS.
struct Disk {
    std::string device_name;
    long gib = 0;
    std::string volume_id;  ///< empty: wished for, not made yet

    bool operator==(const Disk&) const = default;
};

/// With what a machine is started.
struct LaunchSpec {
    std::string image_id;
    std::string machine_type;
    std::string zone;
    std::string subnet_id;
    std::vector<std::string> group_ids;
    std::string key_name;
    std::string instance_profile;  ///< its name; empty: the machine has no role
    std::string user_data;         ///< decoded
    std::vector<Disk> disks;       ///< beside those of the image, or in another size
    bool public_address = false;
    bool ebs_optimized = false;
    bool monitoring = false;
    std::string http_tokens = "optional";

    bool operator==(const LaunchSpec&) const = default;
};

/// Why a machine ended or stopped, in DescribeInstances' words.
struct EndReason {
    std::string code;     ///< `stateReason/code`
    std::string message;  ///< `stateReason/message`
};
EndReason user_initiated();
EndReason spot_interruption();

/// Something that EC2 has planned for a machine, as DescribeInstanceStatus tells it.
struct PlannedChange {
    std::string id;
    std::string code;         ///< `instance-retirement`, `system-reboot`, ...
    std::string description;  ///< begins with `[Completed]` or `[Canceled]` when it is over
    base::Time not_before;
    base::Time not_after;

    bool over() const { return description.starts_with('['); }
};

struct Machine {
    std::string id;
    std::string reservation_id;
    LaunchSpec spec;
    std::string spot_request_id;  ///< empty: on-demand
    bool persistent = false;      ///< of a persistent spot request: may be stopped
    std::string client_token;
    Tags tags;
    base::Time launched;
    MachineState state = MachineState::pending;
    bool booted = false;  ///< its operating system is up: it has reported and answers
    std::vector<Disk> disks;
    bool spoiled = false;  ///< no system boots from its disks
    std::string private_address;
    std::string public_address;  ///< empty: none
    bool has_elastic_address = false;
    std::optional<EndReason> end_reason;
    std::string interruption_action;  ///< of the notice it was given; empty: none
    std::string interruption_reason;
    base::Time interruption_time;
    bool end_held = false;  ///< its end, though due, waits for the control API
    std::optional<base::Time> rebalance_time;
    std::vector<PlannedChange> planned;
    std::optional<base::Time> impaired_since;         ///< EC2's instance status check fails
    std::optional<base::Time> system_impaired_since;  ///< EC2's system status check fails
    std::string web_answer = "ok";                    ///< its HTTP: `ok`, `error` (500), `reset`, `silence`
    unsigned step = 0;  ///< counts state changes: what was planned in an earlier state does not happen
};

/// The EC2 machines of the account and their life: pending, running, and the ways out. Each has loopback
/// addresses of its own; an address is given only once.
class Machines {
  public:
    Machines(Timeline& timeline, const Settings& settings);

    Machine& launch(LaunchSpec spec, std::string spot_request_id, std::string reservation_id);

    Machine* find(std::string_view id);
    /// The machine whose address this is, if it still has it.
    Machine* at_address(std::string_view address);
    std::map<std::string, Machine, std::less<>>& all() { return machines_; }

    /// Explicit ids and filters find a machine only some time after it was made, as in EC2.
    bool visible(const Machine& machine) const;

    /// Nothing happens to a machine that is ending already.
    void terminate(Machine& machine, EndReason reason);
    void stop(Machine& machine, EndReason reason);
    void start(Machine& machine);
    /// EC2 says `running` all the while; the system is away until it has booted again. It reports only if it
    /// has not yet: what runs at a first boot is bound to the machine's id.
    void reboot(Machine& machine);
    /// A new public address of EC2's own, where the machine was launched to have one and lives; none
    /// otherwise.
    void give_public_address(Machine& machine);

    /// A machine is made, and about to start.
    std::function<void(Machine&)> on_made;
    /// When the operating system of a running machine goes down to boot again.
    std::function<void(const Machine&)> on_reboot;
    /// After each change of a machine's state, the first `pending` included.
    std::function<void(const Machine&)> on_state;
    /// When the operating system of a machine is up.
    std::function<void(const Machine&)> on_booted;

  private:
    void enter(Machine& machine, MachineState state);
    void plan(const Machine& machine, base::Duration delay, std::function<void(Machine&)> action);
    void boot(Machine& machine);
    void come_up(Machine& machine, bool again);

    Timeline& timeline_;
    const Settings& settings_;
    std::map<std::string, Machine, std::less<>> machines_;
    unsigned launched_ = 0;
    unsigned public_addresses_ = 0;
};

/// Private addresses are 127.16.0.0/12, public ones 127.32.0.0/12, elastic ones 127.48.0.0/12; `number`
/// counts those of a kind.
std::string private_address(unsigned number);
std::string public_address(unsigned number);
std::string elastic_address(unsigned number);

}  // namespace sim
