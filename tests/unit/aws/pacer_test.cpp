#include "aws/pacer.hpp"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <string>
#include <vector>

#include "aws/limits.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Everyone who got a turn, in order.
struct Turns {
    asio::io_context io;
    std::vector<std::string> served;

    void ask(aws::Pacer& pacer, const std::string& name, aws::Priority priority,
             aws::Deadline deadline = aws::Deadline::in(1h)) {
        asio::co_spawn(io, pacer.wait(priority, deadline),
                       [this, name](const std::exception_ptr& failure, bool turn) {
                           served.push_back(name + (failure ? " cancelled" : turn ? "" : " too late"));
                       });
    }
};

}  // namespace

TEST_CASE("pacer: a bucket holds its burst and fills at its rate") {
    const aws::TokenBucket::Point start{};
    aws::TokenBucket bucket({2, 10}, start);
    CHECK(bucket.take(start));
    CHECK(bucket.take(start));
    CHECK_FALSE(bucket.take(start));
    const auto next = bucket.next(start);
    CHECK(next > start + 100ms);
    CHECK(next < start + 110ms);
    CHECK(bucket.take(next));
    CHECK_FALSE(bucket.take(next));
    CHECK(bucket.take(start + 1h));
    CHECK(bucket.take(start + 1h));
    CHECK_FALSE(bucket.take(start + 1h));
}

TEST_CASE("pacer: throttling empties the bucket and slows it, quiet brings the speed back") {
    const aws::TokenBucket::Point start{};
    aws::TokenBucket bucket({5, 10}, start);
    bucket.throttled(start);
    CHECK_FALSE(bucket.take(start));
    CHECK(bucket.next(start) > start + 200ms);
    bucket.throttled(start);
    bucket.throttled(start);
    bucket.throttled(start);
    bucket.throttled(start);
    CHECK(bucket.next(start) > start + 900ms);
    CHECK(bucket.next(start) < start + 1100ms);
    while (bucket.take(start + 20s)) {
    }
    CHECK(bucket.next(start + 20s) < start + 20s + 110ms);
}

TEST_CASE("pacer: the most urgent goes first, equals in order of arrival") {
    Turns turns;
    aws::Pacer pacer(turns.io.get_executor(), {1, 200});
    turns.ask(pacer, "first", aws::priority_background);
    turns.ask(pacer, "sweep", aws::priority_background);
    turns.ask(pacer, "a", aws::priority_normal);
    turns.ask(pacer, "b", aws::priority_normal);
    turns.ask(pacer, "notice", 1'768'478'400'000);
    turns.io.run();
    CHECK(turns.served == std::vector<std::string>{"first", "notice", "a", "b", "sweep"});
    CHECK(pacer.waiting() == 0);
}

TEST_CASE("pacer: a deadline ends the wait, cancellation gives up the place") {
    Turns turns;
    aws::Pacer pacer(turns.io.get_executor(), {1, 0.001});
    turns.ask(pacer, "first", 1);
    turns.ask(pacer, "short", 2, aws::Deadline::in(5ms));
    asio::cancellation_signal stop;
    asio::co_spawn(turns.io, pacer.wait(3, aws::Deadline::in(1h)),
                   asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr& failure, bool) {
                       turns.served.emplace_back(failure ? "long cancelled" : "long");
                   }));
    while (turns.served.size() < 2) {
        turns.io.run_one();
    }
    CHECK(turns.served == std::vector<std::string>{"first", "short too late"});
    CHECK(pacer.waiting() == 1);
    stop.emit(asio::cancellation_type::terminal);
    while (turns.served.size() < 3) {
        turns.io.run_one();
    }
    CHECK(turns.served.back() == "long cancelled");
    CHECK(pacer.waiting() == 0);
}

TEST_CASE("limits: EC2 by action, Route 53 as one, SQS unpaced") {
    using aws::Service;
    CHECK(aws::limit_of(Service::ec2, "DescribeInstances")->rate.per_second == 20);
    CHECK(aws::limit_of(Service::ec2, "RequestSpotInstances")->rate.burst == 50);
    CHECK(aws::limit_of(Service::ec2, "CreateTags")->rate.per_second == 10);
    CHECK(aws::limit_of(Service::ec2, "CreateImage")->rate.burst == 50);
    CHECK(aws::limit_of(Service::ec2, "DeregisterImage")->rate.burst == 100);
    CHECK(aws::limit_of(Service::ec2, "DeleteSnapshot")->rate.burst == 100);
    CHECK(aws::limit_of(Service::ec2, "DescribeSnapshots")->rate.per_second == 20);
    CHECK(aws::limit_of(Service::route53, "GetChange")->bucket ==
          aws::limit_of(Service::route53, "ChangeResourceRecordSets")->bucket);
    CHECK_FALSE(aws::limit_of(Service::sqs, "ReceiveMessage"));
}
