#pragma once

#include <boost/json/object.hpp>
#include <deque>
#include <string>
#include <string_view>

#include "sim/faults.hpp"
#include "sim/machines.hpp"
#include "sim/queues.hpp"
#include "sim/settings.hpp"
#include "sim/spot.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// EventBridge: rules that put EC2's events into queues, as message bodies without an envelope. EC2 emits
/// them on a best-effort basis, and EventBridge delivers at least once.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
class Events {
  public:
    Events(Timeline& timeline, const Settings& settings, Queues& queues, Faults& faults);

    void state_change(const Machine& machine);
    /// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-ami-events.html
    void image_change(const std::string& image_id, std::string_view state, std::string_view error);
    void fulfilment(const SpotRequest& request);
    void interruption_warning(const Machine& machine);
    void rebalance_recommendation(const Machine& machine);
    /// AWS Health's; `status` is upcoming, open or closed.
    /// https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
    void scheduled_change(const Machine& machine, const PlannedChange& change, std::string_view status);

    /// The newest events first to last, as sent; a bounded number.
    const std::deque<std::string>& history() const { return history_; }

  private:
    void publish(std::string_view detail_type, const std::string& resource, boost::json::object detail,
                 std::string_view source = "aws.ec2");
    /// The one place where every event passes on its way to a queue.
    void deliver(std::string_view detail_type, const std::string& body);
    void put_into_queues(const std::string& body);
    std::string instance_arn(const Machine& machine) const;

    Timeline& timeline_;
    const Settings& settings_;
    Queues& queues_;
    Faults& faults_;
    std::deque<std::string> history_;
};

}  // namespace sim
