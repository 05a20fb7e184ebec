#include "world.hpp"

namespace {

constexpr auto list = "ListResourceRecordSets";
constexpr auto change = "ChangeResourceRecordSets";

using answers::item;

std::string record(const std::string& name, const std::string& type, const std::string& rest) {
    return item("ResourceRecordSet", item("Name", name + ".") + item("Type", type) + rest);
}

std::string values(const std::vector<std::string>& values, int ttl = 30) {
    std::string items;
    for (const auto& value : values) {
        items += item("ResourceRecord", item("Value", value));
    }
    return item("TTL", std::to_string(ttl)) + item("ResourceRecords", items);
}

/// A whole zone: its own records, and these.
std::string zone_with(const std::string& records) {
    return answers::records(record("example.com", "SOA", values({"ns. admin. 1 2 3 4 5"})) + records);
}

/// The n-th name is published and in sync.
void publish(World& world, int number) {
    const auto name = World::spec(number).name;
    world.add_name(World::spec(number));
    world.make_ready(number);
    world.learn(name, fleet::UpsertSending{fleet::Side::private_, 1, World::address(number), 30});
    world.learn(name, fleet::UpsertAccepted{fleet::Side::private_, 1, World::address(number), "C1"});
    world.learn(name, fleet::ChangeInSync{"C1"});
    // Only a look that begins after that says anything.
    world.pass(2ms);
}

bool sweep(World& world) {
    world.settings.actions_at_once = 0;
    REQUIRE(world.run(world.executor->load()));
    return world.run(world.sweeper->sweep());
}

void machines_are_there(World& world, int count) {
    std::vector<answers::Machine> machines;
    for (int number = 1; number <= count; ++number) {
        machines.push_back({.id = "i-" + std::to_string(number), .private_address = World::address(number)});
    }
    world.fake.always("DescribeInstances", FakeAws::ok(answers::machines(machines)));
    world.fake.always("DescribeSpotInstanceRequests",
                      FakeAws::ok(answers::spot_request("DescribeSpotInstanceRequests", "")));
}

bool is_to_be_published(World& world, int number) {
    const auto record = world.record(World::spec(number).name);
    return std::ranges::any_of(
        fleet::pending(record, world.clock.now(), world.settings.policy),
        [](const fleet::Action& action) { return action.kind == fleet::ActionKind::publish_dns; });
}

double drifts(World& world) {
    return world.counted("spot_manager_history_total", {{"event", "dns_drift"}});
}

const std::string ours = record("lms-1.example.com", "A", values({World::address(1)}));

}  // namespace

TEST_CASE("drift: what stands as published is left alone") {
    World world;
    publish(world, 1);
    machines_are_there(world, 1);
    world.fake.always(list, FakeAws::ok(zone_with(ours)));
    const auto before = world.record("lms-1").dns_private;
    CHECK(sweep(world));
    CHECK(world.record("lms-1").dns_private == before);
    CHECK_FALSE(is_to_be_published(world, 1));
}

TEST_CASE("drift: a record that somebody changed or removed is told once and written again") {
    World world;
    publish(world, 1);
    machines_are_there(world, 1);
    std::string found;
    SUBCASE("removed") {}
    SUBCASE("another address") {
        found = record("lms-1.example.com", "A", values({"192.0.2.9"}));
    }
    SUBCASE("an address more") {
        found = record("lms-1.example.com", "A", values({World::address(1), "192.0.2.9"}));
    }
    SUBCASE("another time to live") {
        found = record("lms-1.example.com", "A", values({World::address(1)}, 3600));
    }
    SUBCASE("an alias") {
        found = record("lms-1.example.com", "A",
                       item("AliasTarget", item("HostedZoneId", "Z9") + item("DNSName", "elb.example.com.")));
    }
    world.fake.always(list, FakeAws::ok(zone_with(found)));
    CHECK(sweep(world));
    CHECK(is_to_be_published(world, 1));
    CHECK(sweep(world));
    CHECK(drifts(world) == 1);
    CHECK(world.perform("lms-1", fleet::ActionKind::publish_dns).succeeded);
    CHECK(world.fake.asked(change).at(0).body.contains(World::address(1)));
    CHECK_FALSE(world.record("lms-1").dns_private.drift);
    CHECK_FALSE(is_to_be_published(world, 1));
    // Not in sync again yet: the old listing says nothing.
    CHECK(sweep(world));
    CHECK_FALSE(is_to_be_published(world, 1));
    CHECK(drifts(world) == 1);
}

TEST_CASE("drift: a CNAME or a routing policy is told once and left as it is") {
    World world;
    publish(world, 1);
    machines_are_there(world, 1);
    std::string found;
    SUBCASE("CNAME") {
        found = record("lms-1.example.com", "CNAME", values({"elsewhere.example.com"}));
    }
    SUBCASE("routing policy") {
        found = record("lms-1.example.com", "A", item("SetIdentifier", "blue") + values({"192.0.2.9"}));
    }
    world.fake.always(list, FakeAws::ok(zone_with(found)));
    CHECK(sweep(world));
    CHECK(sweep(world));
    CHECK(drifts(world) == 1);
    CHECK_FALSE(is_to_be_published(world, 1));
    world.fake.always(list, FakeAws::ok(zone_with(ours)));
    CHECK(sweep(world));
    CHECK_FALSE(world.record("lms-1").dns_private.drift);
}

TEST_CASE("drift: a failed, partial or empty listing means nothing") {
    World world;
    publish(world, 1);
    machines_are_there(world, 1);
    const auto before = world.record("lms-1").dns_private;
    SUBCASE("failed") {
        world.fake.always(list, FakeAws::refuse("InternalError", 500));
    }
    SUBCASE("empty") {
        world.fake.always(list, FakeAws::ok(answers::records()));
    }
    SUBCASE("broken off") {
        auto page = zone_with("");
        page.insert(page.find("</ListResourceRecordSetsResponse>"),
                    item("IsTruncated", "true") + item("NextRecordName", "a.example.com.") +
                        item("NextRecordType", "A"));
        world.fake.once(list, FakeAws::ok(page));
        world.fake.always(list, FakeAws::refuse("InternalError", 500));
    }
    CHECK_FALSE(sweep(world));
    CHECK(world.record("lms-1").dns_private == before);
}

TEST_CASE("drift: what was listed before our newest write was in sync says nothing") {
    World world;
    publish(world, 1);
    const auto before = world.record("lms-1").dns_private;
    const auto seen = fleet::DnsSeen{.values = {"192.0.2.9"}, .ttl = 30};
    REQUIRE(world.run(world.desk->tell("lms-1", fleet::Fact{*before.published->in_sync, seen})));
    CHECK(world.record("lms-1").dns_private == before);
    world.learn("lms-1", fleet::UpsertSending{fleet::Side::private_, 1, World::address(1), 30});
    world.learn("lms-1", seen);
    CHECK_FALSE(world.record("lms-1").dns_private.drift);
}

TEST_CASE("drift: many names of a zone take as many calls as pages") {
    World world;
    constexpr int names = 40;
    std::string all;
    for (int number = 1; number <= names; ++number) {
        publish(world, number);
        all += record(World::spec(number).name + ".example.com", "A", values({World::address(number)}));
    }
    machines_are_there(world, names);
    world.fake.always(list, FakeAws::ok(zone_with(all)));
    CHECK(sweep(world));
    CHECK(world.fake.count(list) == 1);
    CHECK(drifts(world) == 0);
}
