#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aws/ec2.hpp"
#include "aws/route53.hpp"
#include "manager/desk.hpp"
#include "manager/executor.hpp"
#include "manager/heartbeat.hpp"
#include "manager/unrecorded.hpp"

namespace manager {

/// Events are best effort: looks at all our spot requests, machines and DNS records every while and tells
/// what it sees, so that with the queue silent the fleet converges all the same.
class Sweeper {
  public:
    /// All must outlive it.
    Sweeper(Desk& desk, aws::Ec2& ec2, aws::Route53& route53, const Executor& executor,
            Heartbeats& heartbeats, const Settings& settings, Metrics& metrics);

    /// At once and then every `sweep_every`, until it is cancelled.
    boost::asio::awaitable<void> run();

    /// Looks for what was launched and is not in the records, as in a copy of the store that is older than
    /// the fleet; before the executor begins. False when not everything could be seen.
    boost::asio::awaitable<bool> adopt();

    /// One look; false when not everything could be seen or what was seen could not be stored.
    boost::asio::awaitable<bool> sweep();

  private:
    /// What a look was to learn, or nothing when it was not complete: a part says nothing.
    using Seen = std::optional<NamedFacts>;

    boost::asio::awaitable<Seen> look_at_requests();
    boost::asio::awaitable<Seen> look_at_machines();
    boost::asio::awaitable<Seen> look_at_statuses();
    boost::asio::awaitable<Seen> look_for_unrecorded();
    boost::asio::awaitable<Seen> look_at_unsettled_images();
    boost::asio::awaitable<bool> look_at_images(TaggedImages* made);
    void keep_orphaned_images(Unrecorded& found, bool saw_images);
    boost::asio::awaitable<bool> look_at_dns();
    boost::asio::awaitable<bool> tell(Seen seen);

    /// Before each look; they are the least urgent of all calls.
    aws::CallOptions begin_look();
    Seen failed(const char* look, const aws::Error& error) const;
    void tell_of(const std::set<Orphan>& orphans, base::Time asked);
    boost::asio::awaitable<void> end(std::set<Orphan> orphans);

    Desk& desk_;
    aws::Ec2& ec2_;
    aws::Route53& route53_;
    const Executor& executor_;
    Heartbeats& heartbeats_;
    const Settings& settings_;
    Metrics& metrics_;
    FirstSeen first_seen_;              ///< of the orphans of the last look
    std::set<Orphan> orphaned_images_;  ///< as the last look at all images found them
    base::Time next_image_look_;
};

}  // namespace manager
