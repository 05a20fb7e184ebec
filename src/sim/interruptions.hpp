#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "sim/events.hpp"
#include "sim/machines.hpp"
#include "sim/settings.hpp"
#include "sim/spot.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// How a spot machine is told of its end.
struct Notice {
    std::string action = "terminate";    ///< terminate, stop or hibernate
    std::string reason = "no-capacity";  ///< no-capacity, by-price or capacity-oversubscribed
    std::optional<base::Duration> left;  ///< until its end; none: as the settings say
    bool held = false;                   ///< its end comes only when it is released
    bool closes_request = false;         ///< the spot request ends at once, not with the machine
};

/// How EC2 takes machines away, and what it says before.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html
class Interruptions {
  public:
    Interruptions(Timeline& timeline, const Settings& settings, Machines& machines,
                  SpotRequests& spot_requests, Events& events);

    /// Warns of the machine's end and brings it in time. A second notice changes nothing.
    void warn(Machine& machine, const Notice& notice);
    /// The end that was held comes now.
    void release(Machine& machine);
    /// The end without a warning, or before its time.
    void take(Machine& machine);
    void recommend_rebalance(Machine& machine);

    /// Plans something for the machine, which takes place unless it is called off. A retirement or stop stops
    /// the machine; of the others nothing is felt.
    void plan_change(Machine& machine, const std::string& code, base::Duration in);
    /// Calls off all that is planned.
    void call_off(Machine& machine);

  private:
    void carry_out(Machine& machine, const std::string& change_id);

    Timeline& timeline_;
    const Settings& settings_;
    Machines& machines_;
    SpotRequests& spot_requests_;
    Events& events_;
};

}  // namespace sim
