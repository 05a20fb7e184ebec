#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/ec2.hpp"
#include "aws/route53.hpp"
#include "base/task_group.hpp"
#include "manager/desk.hpp"
#include "manager/heartbeat.hpp"

namespace manager {

/// How a publication went.
struct Publication {
    bool accepted = false;
    std::string reason;
};

/// Writes names' addresses to Route 53, and deletes the records of retired names: changes of one zone that
/// come within a moment go together, one batch at a time. What is sent is rendered from the records at that
/// moment, with addresses that EC2 has just given.
class DnsPublisher {
  public:
    /// All must outlive it.
    DnsPublisher(Desk& desk, aws::Ec2& ec2, aws::Route53& route53, base::TaskGroup& tasks,
                 Heartbeats& heartbeats, const Settings& settings);

    /// Brings what stands under a side of a name to what it should be now: an address, or nothing of ours
    /// once the name is retired. Returns when Route 53 has answered.
    boost::asio::awaitable<Publication> publish(std::string zone, std::string name, fleet::Side side,
                                                aws::Priority priority);

  private:
    using Answer = boost::asio::experimental::channel<void(boost::system::error_code, Publication)>;

    /// One side of one name, and who waits for it.
    struct Item {
        std::string name;
        fleet::Side side = fleet::Side::private_;
        aws::Priority priority = aws::priority_normal;
        std::shared_ptr<Answer> answer;
    };

    /// What is to be written, as committed.
    struct Planned {
        Item item;
        std::string dns_name;
        fleet::DnsWrite write;
    };

    boost::asio::awaitable<void> serve_zone(std::string zone);
    boost::asio::awaitable<void> publish_batch(std::string zone, std::vector<Item> items);
    boost::asio::awaitable<void> write_records(std::string zone, std::vector<Item> items);
    boost::asio::awaitable<aws::Result<std::vector<fleet::Fact>>> ask_ec2(std::vector<Item> items);
    boost::asio::awaitable<std::vector<Planned>> plan(std::string zone, std::vector<Item> items,
                                                      std::vector<fleet::Fact> described);
    boost::asio::awaitable<std::vector<Item>> without_strangers(std::string zone, std::vector<Item> items);
    boost::asio::awaitable<void> send(std::string zone, std::vector<Planned> batch, aws::CallOptions options);

    // In dns_removal.
    struct Removal {
        Item item;
        aws::ResourceRecordSet record;  ///< as it stands
    };
    boost::asio::awaitable<void> remove_records(std::string zone, std::vector<Item> items);
    boost::asio::awaitable<void> send_removals(std::string zone, std::vector<Removal> batch,
                                               aws::CallOptions options);

    boost::asio::awaitable<void> fail(Item item, std::string reason);
    aws::CallOptions options_for(const std::vector<Item>& items) const;
    boost::asio::awaitable<void> conclude(Item item, fleet::Fact fact, Publication publication);

    Desk& desk_;
    aws::Ec2& ec2_;
    aws::Route53& route53_;
    base::TaskGroup& tasks_;
    Heartbeats& heartbeats_;
    const Settings& settings_;
    std::map<std::string, std::vector<Item>> waiting_;  ///< by zone; a zone in it has its coroutine
};

}  // namespace manager
