#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sim/fault.hpp"
#include "sim/machines.hpp"
#include "sim/pools.hpp"
#include "sim/settings.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// What RequestSpotInstances asks for.
struct SpotAsk {
    LaunchSpec spec;
    std::string price;  ///< the most to pay, USD an hour; empty: the on-demand price
    bool persistent = false;
    std::string interruption_behavior = "terminate";
    std::optional<base::Time> valid_from;
    std::optional<base::Time> valid_until;
    Tags tags;
};

struct SpotRequest {
    std::string id;
    SpotAsk ask;
    Tags tags;
    base::Time created;
    std::string state = "open";  ///< open, active, closed, cancelled, failed, disabled
    std::string status;          ///< EC2's status code: `fulfilled`
    base::Time status_time;
    std::string machine_id;  ///< of the machine it got; kept after that has ended
};

/// EC2's sentence for a status code.
std::string_view status_message(std::string_view status);

/// The spot requests of the account: open until there is capacity at the price, then active with a machine,
/// then closed with it; or cancelled, or expired.
class SpotRequests {
  public:
    SpotRequests(Timeline& timeline, const Settings& settings, Pools& pools, Machines& machines);

    /// Makes `count` open requests and returns their ids.
    std::vector<std::string> request(const SpotAsk& ask, std::size_t count);

    /// RunInstances on the spot market: the request and its machine at once, or a refusal.
    Answer<Machine*> run(const SpotAsk& ask, const std::string& reservation_id);

    SpotRequest* find(std::string_view id);
    std::map<std::string, SpotRequest, std::less<>>& all() { return requests_; }

    /// Explicit ids and filters find a request only some time after it was made, as in EC2.
    bool visible(const SpotRequest& request) const;

    /// Ends an open request; that of a living machine is cancelled while the machine lives on.
    void cancel(SpotRequest& request);

    /// Closes the request whose machine has ended. The reason of the machine's notice decides the
    /// status.
    void follow(const Machine& machine);

    /// Marks the request of a machine that was given notice; or closes it before the machine has ended.
    void mark(const Machine& machine, bool closes);

    /// Looks again at every open request: capacity or price has changed.
    void look_again();

    /// When an open request has got its machine.
    std::function<void(const SpotRequest&)> on_fulfilled;
    /// What it asks for is not there any more: its image was deregistered.
    std::function<bool(const SpotAsk&)> is_bad;

  private:
    void evaluate(const std::string& id);
    void expire(const std::string& id);
    void enter(SpotRequest& request, std::string state, std::string status);
    std::string obstacle(const SpotAsk& ask) const;
    Machine& fulfil(SpotRequest& request, const std::string& reservation_id);
    SpotRequest& add(const SpotAsk& ask);
    void reopen(SpotRequest& request);

    Timeline& timeline_;
    const Settings& settings_;
    Pools& pools_;
    Machines& machines_;
    std::map<std::string, SpotRequest, std::less<>> requests_;
};

}  // namespace sim
