#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "aws/ec2.hpp"
#include "aws/route53.hpp"
#include "fleet/forecast.hpp"
#include "fleet/pending.hpp"
#include "manager/change_follower.hpp"
#include "manager/desk.hpp"
#include "manager/dns_publisher.hpp"
#include "manager/zones.hpp"

namespace manager {

/// Asks the machine at an address whether it is ready, by the probe of its spec; the error says why it is
/// not.
using Probe = std::function<boost::asio::awaitable<base::Result<void>>(std::string address,
                                                                       fleet::Readiness readiness)>;

/// Sends a command's body to the queue, which is ours too.
using Publish = std::function<boost::asio::awaitable<base::Result<void>>(std::string body)>;

/// How an action went.
struct ActionResult {
    bool succeeded = false;  ///< its answer is in the record
    bool learned = true;     ///< false: it is to be asked again, and nothing else was answered
    std::string reason;      ///< of a failure, one sentence
};

/// Carries out one action in AWS and tells the core what was answered. What is about attempts is in
/// attempt_actions and fleet_actions, what is about machines in machine_actions, about images in
/// image_actions, DNS in actions.
class Actions {
  public:
    /// All must outlive it.
    Actions(Desk& desk, aws::Ec2& ec2, aws::Route53& route53, DnsPublisher& publisher, Probe probe,
            Publish publish, const Settings& settings);

    /// `record` is the one that the action was derived from.
    boost::asio::awaitable<ActionResult> perform(std::shared_ptr<const fleet::Record> record,
                                                 fleet::Action action);

    /// Waits for the action's turn under AWS's limits, which perform() then uses: where many wait, the caller
    /// decides only then whose it is.
    boost::asio::awaitable<void> turn(fleet::Action action);

    /// How fast machines can be asked for.
    fleet::Paces paces() const;

  private:
    using RecordPointer = std::shared_ptr<const fleet::Record>;

    boost::asio::awaitable<ActionResult> request_spot(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<bool> begin_sending(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> look_up_attempt(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> create_fleet(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> look_up_fleet(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<bool> is_template_gone(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> make_template(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> delete_template(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> cancel_request(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> describe_request(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> tag_machine(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> release_machine(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> describe_machine(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> terminate_machine(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> probe_machine(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<bool> begin_imaging(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> create_image(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> follow_image(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> look_up_image(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> announce_image(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<base::Result<void>> learn_snapshots(RecordPointer record, fleet::Image image,
                                                               aws::CallOptions options);
    boost::asio::awaitable<ActionResult> deregister_image(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> delete_snapshot(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> find_zone(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> publish_dns(RecordPointer record, fleet::Action action);
    boost::asio::awaitable<ActionResult> follow_change(RecordPointer record, fleet::Action action);

    boost::asio::awaitable<ActionResult> succeed(RecordPointer record, std::vector<fleet::Fact> facts);
    boost::asio::awaitable<ActionResult> fail(RecordPointer record, fleet::Action action, std::string reason);
    aws::CallOptions options_for(const fleet::Action& action) const;

    Desk& desk_;
    aws::Ec2& ec2_;
    Zones zones_;
    DnsPublisher& publisher_;
    Probe probe_;
    Publish publish_;
    ChangeFollower changes_;
    const Settings& settings_;
};

}  // namespace manager
