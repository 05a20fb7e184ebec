#pragma once

#include <doctest/doctest.h>
#include <prometheus/registry.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../store/temporary_store.hpp"
#include "base/log.hpp"
#include "fake_aws.hpp"
#include "fleet/launch.hpp"
#include "manager/actions.hpp"
#include "manager/executor.hpp"
#include "manager/intake.hpp"
#include "manager/pause.hpp"
#include "manager/sweeper.hpp"
#include "manager/watcher.hpp"

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): for the tests of this room

/// The manager's rooms on a real store and a fake AWS. Nothing runs between the calls of a test.
class World {
  public:
    World() {
        base::log::configure(base::log::Level::critical, base::log::Format::logfmt);
        settings.queue_url = "https://sqs.us-east-1.amazonaws.com/123456789012/fleet";
        settings.region = "us-east-1";
        settings.receive_wait = 1s;
        settings.dns_gather = 1ms;
        settings.rules = {.account = "123456789012", .region = "us-east-1", .key = store->key()};
        aws::Settings aws_settings;
        aws_settings.region = settings.region;
        aws_settings.attempts_max = 1;
        const auto source = aws::fixed_source("test", aws::Credentials{"KEY", "secret", {}, {}});
        client = aws::Client::make({.executor = io.get_executor(),
                                    .send = fake.send(),
                                    .credentials = std::make_shared<aws::CredentialsCache>(
                                        io.get_executor(), std::vector{source}, base::wall_now),
                                    .wall_clock = base::wall_now,
                                    .random = [] { return 0.0; },
                                    .observe = {}},
                                   aws_settings)
                     .value();
        sqs = std::make_unique<aws::Sqs>(*client);
        ec2 = std::make_unique<aws::Ec2>(*client);
        route53 = std::make_unique<aws::Route53>(*client);
        fake.always("ChangeResourceRecordSets", FakeAws::ok(answers::change("C1")));
        fake.always("ListResourceRecordSets", FakeAws::ok(answers::records()));
        fake.always("GetChange", FakeAws::ok(answers::change("C1", "INSYNC")));
        fake.always("DescribeInstanceStatus", FakeAws::ok("<DescribeInstanceStatusResponse/>"));
        fake.always("DescribeLaunchTemplates", FakeAws::ok("<DescribeLaunchTemplatesResponse/>"));
        fake.always("CreateTags", FakeAws::ok("<CreateTagsResponse/>"));
        fake.always("DescribeImages", FakeAws::ok("<DescribeImagesResponse/>"));
        fake.always("DescribeSnapshots", FakeAws::ok("<DescribeSnapshotsResponse/>"));
        make_manager();
    }
    ~World() { stop(); }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Everything that is not durable ends and begins anew.
    void restart() {
        stop();
        make_manager();
    }

    /// restart(), with a value in the store that no program wrote.
    void tamper(const char* table, std::string_view key, std::string_view value) {
        stop();
        store.tamper(table, key, value);
        make_manager();
    }

    /// Runs until it is so; fails the test after a time that is long for any machine.
    template <class Condition>
    void until(Condition condition) {
        const auto limit = std::chrono::steady_clock::now() + 30s;
        io.restart();
        while (!condition()) {
            io.run_one_until(limit);
            REQUIRE_MESSAGE(std::chrono::steady_clock::now() < limit, "it does not come to pass");
        }
    }

    /// Runs a coroutine to its end, and everything else meanwhile.
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        std::optional<T> result;
        std::exception_ptr failed;
        boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure, T value) {
            failed = std::move(failure);
            result = std::move(value);
        });
        until([&] { return result.has_value(); });
        if (failed) {
            std::rethrow_exception(failed);
        }
        return std::move(*result);
    }

    /// Lets time go by.
    void pass(base::Duration time) { run(sleep_for(time)); }

    /// Runs what can go on without time going by: whatever was begun has got as far as it can.
    void settle() {
        for (int round = 0; round < 5; ++round) {
            [[maybe_unused]] const auto read =
                run(store->read([](const store::ReadTransaction&) { return true; }));
            io.restart();
            io.poll();
        }
    }

    /// The n-th name, with its private DNS name in a zone that is known.
    static fleet::Spec spec(int number) {
        fleet::Spec spec;
        spec.name = "lms-" + std::to_string(number);
        spec.image_id = "ami-1";
        spec.instance_types = {"t3.small"};
        spec.subnet_ids = {"subnet-1"};
        spec.security_group_ids = {"sg-1"};
        spec.dns.private_ = fleet::DnsName{.name = spec.name + ".example.com", .zone_id = "Z1"};
        return spec;
    }

    /// A registration as the web endpoint publishes it.
    std::string registration(const fleet::Spec& spec) const {
        return fleet::sign_command(store->key(), "register", "uid-" + spec.name, clock.now(),
                                   boost::json::serialize(base::to_json(spec)));
    }

    void add_name(const fleet::Spec& spec) {
        const fleet::Envelope envelope{
            .id = "message-" + spec.name, .body = registration(spec), .sender = "AIDA", .sent = clock.now()};
        const auto done = run(desk->run(
            [envelope](fleet::Reception& reception, fleet::Ledger&) { reception.receive(envelope); }));
        REQUIRE(done);
        REQUIRE(done->receipts.at(0).outcome == fleet::Outcome::handled);
    }

    template <class Body>
    void learn(const std::string& name, Body body) {
        REQUIRE(run(desk->tell(name, fleet::Fact{clock.now(), std::move(body)})));
    }

    /// The n-th name has been answered with a spot request, sir-n.
    void request(int number) {
        const auto name = spec(number).name;
        learn(name, fleet::AttemptSending{1, 1});
        learn(name, fleet::AttemptAnswered{1, 1, "sir-" + std::to_string(number)});
    }

    /// The n-th name has a machine i-n at 10.0.0.n that is ready; only its DNS name is to be written. `age`:
    /// of EC2's description.
    void make_ready(int number, base::Duration age = {}) {
        const auto name = spec(number).name;
        const auto machine = "i-" + std::to_string(number);
        request(number);
        learn(name, fleet::Fulfilled{"sir-" + std::to_string(number), machine});
        learn(name, fleet::MachineTagged{machine});
        learn(name, fleet::Reported{.machine = machine});
        const fleet::Fact described{
            clock.now() - age,
            fleet::MachineDescribed{machine, fleet::Ec2State::running, {.private_ = address(number)}}};
        REQUIRE(run(desk->tell(name, described)));
        REQUIRE(record(name).launches.back().ready);
    }

    static std::string address(int number) { return "10.0.0." + std::to_string(number); }

    fleet::Record record(const std::string& name) {
        auto found = run(store->read(
            [name](const store::ReadTransaction& transaction) { return transaction.find(name); }));
        REQUIRE(found);
        REQUIRE(*found);
        REQUIRE(**found);
        return ***found;
    }
    fleet::Attempt attempt(const std::string& name) { return record(name).launches.back().attempts.back(); }

    std::shared_ptr<const fleet::Record> shared(const std::string& name) {
        return std::make_shared<const fleet::Record>(record(name));
    }

    /// The one pending action of its kind.
    fleet::Action action(const std::string& name, fleet::ActionKind kind) {
        for (auto& action : fleet::pending(record(name), clock.now(), settings.policy)) {
            if (action.kind == kind) {
                return action;
            }
        }
        FAIL("the action is not pending");
        return {};
    }

    manager::ActionResult perform(const std::string& name, fleet::ActionKind kind) {
        return run(actions->perform(shared(name), action(name, kind)));
    }

    void start_executor() {
        desk->on_change = [this](const fleet::Record& record) { executor->consider(record); };
        desk->on_erase = [this](const std::string& name) { executor->forget(name); };
        REQUIRE(run(executor->load()));
        tasks->spawn(executor->run());
    }

    /// A counter's value.
    double counted(const std::string& family,
                   const std::vector<prometheus::ClientMetric::Label>& labels) const {
        for (const auto& found : registry->Collect()) {
            for (const auto& metric : found.metric) {
                if (found.name == family && metric.label == labels) {
                    return metric.counter.value;
                }
            }
        }
        return 0;
    }

    /// A gauge's value.
    double gauge(const std::string& family,
                 const std::vector<prometheus::ClientMetric::Label>& labels) const {
        for (const auto& found : registry->Collect()) {
            for (const auto& metric : found.metric) {
                if (found.name == family && metric.label == labels) {
                    return metric.gauge.value;
                }
            }
        }
        return -1;
    }

    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> always_work{io.get_executor()};
    TemporaryStore store;
    base::Clock clock;
    manager::Settings settings;
    FakeAws fake;
    std::unique_ptr<aws::Client> client;
    std::unique_ptr<aws::Sqs> sqs;
    std::unique_ptr<aws::Ec2> ec2;
    std::unique_ptr<aws::Route53> route53;
    bool probe_passes = true;
    int probes = 0;
    std::vector<std::string> published;  ///< commands of ours
    std::string queue_fault;             ///< of publishing, when not empty
    std::vector<std::string> failures;   ///< tasks that ended by an exception

    std::unique_ptr<prometheus::Registry> registry;
    std::unique_ptr<manager::Metrics> metrics;
    std::unique_ptr<manager::Heartbeats> heartbeats;
    std::unique_ptr<base::TaskGroup> tasks;
    std::unique_ptr<manager::Desk> desk;
    std::unique_ptr<manager::DnsPublisher> publisher;
    std::unique_ptr<manager::Actions> actions;
    std::unique_ptr<manager::Executor> executor;
    std::unique_ptr<manager::Intake> intake;
    std::unique_ptr<manager::Sweeper> sweeper;
    std::unique_ptr<manager::Watcher> watcher;

  private:
    boost::asio::awaitable<base::Result<void>> probe() {
        ++probes;
        co_return probe_passes ? base::Result<void>{} : base::fail("as the test says");
    }

    manager::Probe prober() {
        return [this](std::string, fleet::Readiness) { return probe(); };
    }

    boost::asio::awaitable<base::Result<void>> publish_one(std::string body) {
        if (!queue_fault.empty()) {
            co_return base::fail(queue_fault);
        }
        published.push_back(std::move(body));
        co_return base::Result<void>{};
    }

    manager::Publish publish() {
        return [this](std::string body) { return publish_one(std::move(body)); };
    }

    static boost::asio::awaitable<bool> sleep_for(base::Duration time) {
        co_await manager::sleep(time);
        co_return true;
    }

    static boost::asio::awaitable<bool> stop_group(base::TaskGroup* group) {
        co_await group->stop();
        co_return true;
    }

    void stop() {
        run(stop_group(tasks.get()));
        CHECK(failures.empty());
    }

    void make_manager() {
        registry = std::make_unique<prometheus::Registry>();
        metrics = std::make_unique<manager::Metrics>(*registry);
        heartbeats = std::make_unique<manager::Heartbeats>();
        tasks = std::make_unique<base::TaskGroup>(
            io.get_executor(), [this](std::string reason) { failures.push_back(std::move(reason)); });
        desk = std::make_unique<manager::Desk>(*store.operator->(), settings, clock, *metrics);
        publisher =
            std::make_unique<manager::DnsPublisher>(*desk, *ec2, *route53, *tasks, *heartbeats, settings);
        actions = std::make_unique<manager::Actions>(*desk, *ec2, *route53, *publisher, prober(), publish(),
                                                     settings);
        executor =
            std::make_unique<manager::Executor>(*desk, *actions, *tasks, *heartbeats, settings, *metrics);
        intake = std::make_unique<manager::Intake>(*sqs, *desk, *tasks, *heartbeats, settings, *metrics);
        sweeper = std::make_unique<manager::Sweeper>(*desk, *ec2, *route53, *executor, *heartbeats, settings,
                                                     *metrics);
        watcher =
            std::make_unique<manager::Watcher>(*desk, *executor, prober(), *tasks, *heartbeats, settings);
    }
};
