#include "manager/dns_publisher.hpp"

#include "world.hpp"

namespace {

constexpr auto change = "ChangeResourceRecordSets";
constexpr auto list = "ListResourceRecordSets";

/// Names 1 to `count`, published, and then retired.
void make_retired(World& world, int count) {
    std::vector<answers::Machine> machines;
    for (int number = 1; number <= count; ++number) {
        machines.push_back({.id = "i-" + std::to_string(number), .private_address = World::address(number)});
    }
    world.fake.always("DescribeInstances", FakeAws::ok(answers::machines(machines)));
    for (int number = 1; number <= count; ++number) {
        const auto name = World::spec(number).name;
        world.add_name(World::spec(number));
        world.make_ready(number);
        REQUIRE(world.perform(name, fleet::ActionKind::publish_dns).succeeded);
        world.learn(name, fleet::RetirementAsked{"uid-2", false});
    }
}

std::string standing(int number, const std::string& type, const std::string& value,
                     const std::string& extra = {}) {
    return answers::item(
        "ResourceRecordSet",
        answers::item("Name", World::spec(number).name + ".example.com.") + answers::item("Type", type) +
            extra + answers::item("TTL", "30") +
            answers::item("ResourceRecords", answers::item("ResourceRecord", answers::item("Value", value))));
}

/// Whether the record of a retired name is deleted when this stands there.
bool is_deleted(const std::string& records) {
    World world;
    make_retired(world, 1);
    const auto before = world.fake.count(change);
    world.fake.always(list, FakeAws::ok(answers::records(records)));
    CHECK(world.perform("lms-1", fleet::ActionKind::remove_dns).succeeded);
    CHECK(world.record("lms-1").dns_private.cleared);
    return world.fake.count(change) > before;
}

}  // namespace

TEST_CASE("dns removal: a record of ours is deleted exactly as it stands") {
    World world;
    make_retired(world, 1);
    world.fake.always(list, FakeAws::ok(answers::records(standing(1, "A", World::address(1)))));
    CHECK(world.perform("lms-1", fleet::ActionKind::remove_dns).succeeded);
    const auto batch = world.fake.asked(change).back().body;
    CHECK(batch.contains("<Action>DELETE</Action>"));
    CHECK(batch.contains("<Name>lms-1.example.com.</Name>"));
    CHECK(batch.contains("<TTL>30</TTL>"));
    CHECK(batch.contains("<Value>10.0.0.1</Value>"));
    CHECK(world.record("lms-1").dns_private.cleared);
}

TEST_CASE("dns removal: what another has written is left") {
    CHECK(is_deleted(standing(1, "A", "10.0.0.1")));
    CHECK_FALSE(is_deleted(""));
    CHECK_FALSE(is_deleted(standing(1, "A", "192.0.2.1")));
    CHECK_FALSE(is_deleted(standing(1, "TXT", "10.0.0.1")));
    CHECK_FALSE(is_deleted(standing(2, "A", "10.0.0.1")));
    CHECK_FALSE(is_deleted(standing(1, "A", "10.0.0.1", answers::item("SetIdentifier", "blue"))));
}

TEST_CASE("dns removal: a failed look deletes nothing and is repeated; a zone that is gone needs none") {
    World world;
    make_retired(world, 1);
    const auto before = world.fake.count(change);
    world.fake.once(list, FakeAws::refuse("InternalError", 500));
    CHECK_FALSE(world.perform("lms-1", fleet::ActionKind::remove_dns).succeeded);
    CHECK(world.record("lms-1").retries.at("publish/private").error.starts_with("InternalError: "));
    CHECK_FALSE(world.record("lms-1").dns_private.cleared);
    CHECK(world.fake.count(change) == before);

    World other;
    make_retired(other, 1);
    other.fake.always(list, FakeAws::refuse("NoSuchHostedZone", 404));
    CHECK(other.perform("lms-1", fleet::ActionKind::remove_dns).succeeded);
    CHECK(other.record("lms-1").dns_private.cleared);
}

TEST_CASE("dns removal: one that has changed meanwhile does not keep the others from being deleted") {
    World world;
    world.settings.dns_gather = 50ms;
    make_retired(world, 3);
    std::string records;
    for (const int number : {1, 2, 3}) {
        records += standing(number, "A", World::address(number));
    }
    world.fake.always(list, FakeAws::ok(answers::records(records)));
    world.fake.always(change, [](const http::Request& request) {
        return request.body.contains(World::address(2)) ? FakeAws::refuse("InvalidChangeBatch")(request)
                                                        : FakeAws::ok(answers::change("C2"))(request);
    });
    const auto before = world.fake.count(list);
    int answered = 0;
    for (const int number : {1, 2, 3}) {
        world.tasks->spawn([](manager::DnsPublisher* publisher, std::string name,
                              int* count) -> boost::asio::awaitable<void> {
            co_await publisher->publish("Z1", std::move(name), fleet::Side::private_, aws::priority_normal);
            ++*count;
        }(world.publisher.get(), World::spec(number).name, &answered));
    }
    world.until([&] { return answered == 3; });
    CHECK(world.fake.count(list) == before + 1);
    CHECK(world.record("lms-1").dns_private.cleared);
    CHECK_FALSE(world.record("lms-2").dns_private.cleared);
    CHECK(world.record("lms-3").dns_private.cleared);
}
