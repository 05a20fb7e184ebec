#pragma once

#include <functional>

#include "sim/addresses.hpp"
#include "sim/client_tokens.hpp"
#include "sim/events.hpp"
#include "sim/faults.hpp"
#include "sim/fleets.hpp"
#include "sim/identities.hpp"
#include "sim/images.hpp"
#include "sim/interruptions.hpp"
#include "sim/launch_templates.hpp"
#include "sim/machines.hpp"
#include "sim/past.hpp"
#include "sim/pools.hpp"
#include "sim/queues.hpp"
#include "sim/quotas.hpp"
#include "sim/settings.hpp"
#include "sim/spot.hpp"
#include "sim/timeline.hpp"
#include "sim/zones.hpp"

namespace sim {

/// The simulated account: every model, wired to the others. It has no I/O; time passes when the timeline is
/// advanced.
struct Cloud {
    Cloud(Settings given_settings, base::Time start);
    Cloud(const Cloud&) = delete;
    Cloud& operator=(const Cloud&) = delete;

    Settings settings;
    Timeline timeline;
    Faults faults;
    Identities identities;
    Queues queues;
    Events events;
    Pools pools;
    Machines machines;
    Images images;
    SpotRequests spot_requests;
    Quotas quotas;
    LaunchTemplates launch_templates;
    Fleets fleets;
    Addresses addresses;
    Interruptions interruptions;
    Zones zones;
    ClientTokens client_tokens;
    Past past;

    /// When a machine's operating system goes down: who talked to it is cut off.
    std::function<void(const Machine&)> on_machine_down;
    /// One sentence for the log.
    std::function<void(const std::string&)> on_note;

    /// EC2 as it is.
    Shown present();

    /// What a Describe call of that name is to show of EC2: the account as it is, or, where it is struck by
    /// `stale`, as it was a while ago.
    Shown show(std::string_view operation);

    /// Whether capacity and quota let a stopped machine start again.
    Answer<void> room_for(const Machine& machine);

  private:
    void follow(const Machine& machine);
    void report(const Machine& machine);
};

}  // namespace sim
