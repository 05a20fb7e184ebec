#include "manager/name_metrics.hpp"

#include <prometheus/text_serializer.h>

#include <set>
#include <sstream>

#include "world.hpp"

namespace {

/// How often a histogram was given something, and the sum.
std::pair<double, double> observed(const World& world, const std::string& family) {
    for (const auto& found : world.registry->Collect()) {
        if (found.name == family) {
            return {static_cast<double>(found.metric.at(0).histogram.sample_count),
                    found.metric.at(0).histogram.sample_sum};
        }
    }
    return {-1, 0};
}

double names(const World& world, const std::string& state) {
    return world.gauge("spot_manager_names", {{"state", state}});
}

/// As the executor is told, and nothing is acted on.
void follow(World& world) {
    world.settings.actions_at_once = 0;
    world.start_executor();
}

void publish(World& world, int number, int generation) {
    const auto name = World::spec(number).name;
    const auto address = World::address(number + 100 * (generation - 1));
    const auto change = "C" + std::to_string(number) + std::to_string(generation);
    world.learn(name, fleet::UpsertSending{fleet::Side::private_, generation, address, 30});
    world.learn(name, fleet::UpsertAccepted{fleet::Side::private_, generation, address, change});
    world.learn(name, fleet::ChangeInSync{change});
}

/// A name that is served, gets a notice, loses its machine and is served again.
void live_through(World& world, int number) {
    const auto name = World::spec(number).name;
    const auto first = "i-" + std::to_string(number);
    const auto second = first + "-2";
    world.add_name(World::spec(number));
    world.make_ready(number);
    publish(world, number, 1);
    world.learn(name, fleet::Interrupted{first, "terminate", world.clock.now() + 2min});
    world.learn(name, fleet::MachineDescribed{first, fleet::Ec2State::terminated, {}});
    if (world.record(name).launches.back().attempts.front().sent == std::nullopt) {
        world.learn(name, fleet::AttemptSending{2, 1});
    }
    world.learn(name, fleet::AttemptAnswered{2, 1, "sir-2-" + std::to_string(number)});
    world.learn(name, fleet::Fulfilled{"sir-2-" + std::to_string(number), second});
    world.learn(name, fleet::Reported{.machine = second});
    world.learn(name, fleet::MachineDescribed{
                          second, fleet::Ec2State::running, {.private_ = World::address(number + 100)}});
    publish(world, number, 2);
}

std::set<std::string> series(const World& world) {
    std::set<std::string> all;
    std::istringstream text(prometheus::TextSerializer().Serialize(world.registry->Collect()));
    for (std::string line; std::getline(text, line);) {
        if (!line.starts_with('#')) {
            all.insert(line.substr(0, line.rfind(' ')));
        }
    }
    return all;
}

}  // namespace

TEST_CASE("metrics: names by state and machines are counted as records change") {
    World world;
    follow(world);
    world.add_name(World::spec(1));
    CHECK(names(world, "requesting") == 1);
    world.make_ready(1);
    CHECK(names(world, "requesting") == 0);
    CHECK(names(world, "booting") == 1);
    CHECK(world.gauge("spot_manager_machines", {{"market", "spot"}}) == 1);
    publish(world, 1, 1);
    CHECK(names(world, "serving") == 1);
    world.pass(10ms);
    world.metrics->names().pass(world.clock.now());
    const auto lived = world.counted("spot_manager_machine_seconds_total", {{"market", "spot"}});
    CHECK(lived >= 0.01);
    CHECK(world.counted("spot_manager_machine_seconds_total", {{"market", "on_demand"}}) == 0);
}

TEST_CASE(
    "metrics: a notice is followed to the next request, machine and address, and the downtime is told") {
    World world;
    follow(world);
    live_through(world, 1);
    for (const auto* family :
         {"spot_manager_notice_to_request_seconds", "spot_manager_notice_to_ready_seconds",
          "spot_manager_notice_to_in_sync_seconds", "spot_manager_downtime_seconds"}) {
        CAPTURE(family);
        CHECK(observed(world, family).first == 1);
        CHECK(observed(world, family).second < 30);
    }
    CHECK(names(world, "serving") + names(world, "replacing") == 1);
    CHECK(world.counted("spot_manager_launches_total", {{"reason", "registered"}}) == 1);
    CHECK(world.counted("spot_manager_launches_total", {{"reason", "lost"}}) +
              world.counted("spot_manager_launches_total", {{"reason", "notice"}}) ==
          1);
    // What a restart finds in the store happened earlier.
    world.restart();
    follow(world);
    CHECK(observed(world, "spot_manager_notice_to_ready_seconds").first == 0);
    CHECK(observed(world, "spot_manager_downtime_seconds").first == 0);
    CHECK(world.counted("spot_manager_launches_total", {{"reason", "registered"}}) == 0);
    CHECK(world.gauge("spot_manager_machines", {{"market", "spot"}}) == 1);
}

TEST_CASE("metrics: an address that is written again is no second arrival") {
    World world;
    follow(world);
    live_through(world, 1);
    // Somebody changed the record, and it is mended.
    world.pass(2ms);
    world.learn("lms-1", fleet::DnsSeen{.side = fleet::Side::private_, .values = {"192.0.2.1"}, .ttl = 30});
    REQUIRE(world.record("lms-1").dns_private.drift);
    world.learn("lms-1", fleet::UpsertSending{fleet::Side::private_, 2, World::address(101), 30});
    world.learn("lms-1", fleet::UpsertAccepted{fleet::Side::private_, 2, World::address(101), "C3"});
    world.learn("lms-1", fleet::ChangeInSync{"C3"});
    CHECK(observed(world, "spot_manager_notice_to_in_sync_seconds").first == 1);
    CHECK(observed(world, "spot_manager_downtime_seconds").first == 1);
}

TEST_CASE("metrics: more names and machines make no more series") {
    World world;
    follow(world);
    live_through(world, 1);
    const auto before = series(world);
    for (int number = 2; number <= 12; ++number) {
        live_through(world, number);
    }
    CHECK(series(world) == before);
    CHECK(before.size() > 100);
    for (const auto& one : before) {
        CHECK_FALSE(one.contains("lms-"));
    }
}

TEST_CASE("metrics: an attempt that gives no machine is counted by why") {
    World world;
    follow(world);
    world.add_name(World::spec(1));
    world.learn("lms-1", fleet::AttemptSending{1, 1});
    world.learn("lms-1", fleet::AttemptRefused{1, 1, true, "no spot capacity for t3.small in subnet-1"});
    CHECK(world.counted("spot_manager_launch_failures_total", {{"reason", "capacity"}}) == 1);
    world.metrics->pass(world.clock.now());
    CHECK(world.gauge("spot_manager_pools_avoided", {}) == 1);
    world.metrics->pass(world.clock.now() + 24h);
    CHECK(world.gauge("spot_manager_pools_avoided", {}) == 0);
}
