#include <boost/asio/detached.hpp>

#include "aws/client.hpp"
#include "aws/ec2.hpp"
#include "base/clock.hpp"
#include "script.hpp"

namespace {

using namespace std::chrono_literals;

/// A client whose world is a script.
struct World {
    boost::asio::io_context io;
    Script script;
    std::vector<aws::AttemptReport> reports;
    std::unique_ptr<aws::Client> client;

    World() {
        const auto source = aws::fixed_source("test", aws::Credentials{"KEY", "secret", {}, {}});
        aws::Settings settings;
        settings.region = "us-east-1";
        client = aws::Client::make({.executor = io.get_executor(),
                                    .send = script.send(),
                                    .credentials = std::make_shared<aws::CredentialsCache>(
                                        io.get_executor(), std::vector{source}, base::wall_now),
                                    .wall_clock = base::wall_now,
                                    .random = [] { return 0.0; },
                                    .observe = [this](const auto& report) { reports.push_back(report); }},
                                   settings)
                     .value();
    }
};

}  // namespace

TEST_CASE("turns: one that the caller has taken lets its first attempt leave at once") {
    World world;
    const auto call = aws::build_terminate_instances({"i-1"});
    const auto use_up = [&] {
        while (world.client->pace(aws::Service::ec2, call.operation)->burst >= 1) {
            boost::asio::co_spawn(world.io, world.client->turn(aws::Service::ec2, call.operation, 1),
                                  boost::asio::detached);
            world.io.restart();
            world.io.run();
        }
    };
    const auto try_it = [&](const aws::CallOptions& options) {
        use_up();
        world.script.then(200);
        auto answer = run(world.io, world.client->call(call, options));
        world.script.answers.clear();
        return answer;
    };
    CHECK(try_it({.deadline = aws::Deadline::in(1s), .has_turn_for = "TerminateInstances"}));
    CHECK(world.reports.back().waited < 100ms);
    // Whoever has none waits, and its time is up.
    const auto late = try_it({.deadline = aws::Deadline::in(0ms)});
    CHECK(late.error().code == "NoTurn");
    // To the patient the wait does not count.
    CHECK(try_it({.deadline = aws::Deadline::in(150ms), .patient = true}));
}
