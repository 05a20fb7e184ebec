#include "manager/dns_publisher.hpp"

#include "world.hpp"

namespace {

constexpr auto change = "ChangeResourceRecordSets";
constexpr auto describe = "DescribeInstances";
constexpr auto list = "ListResourceRecordSets";

/// Names 1 to `count`, each with a machine that is ready and runs.
void make_names(World& world, int count) {
    std::vector<answers::Machine> machines;
    for (int number = 1; number <= count; ++number) {
        world.add_name(World::spec(number));
        world.make_ready(number);
        machines.push_back({.id = "i-" + std::to_string(number), .private_address = World::address(number)});
    }
    world.fake.always(describe, FakeAws::ok(answers::machines(machines)));
}

manager::Publication publish(World& world, int number) {
    return world.run(world.publisher->publish("Z1", World::spec(number).name, fleet::Side::private_,
                                              aws::priority_normal));
}

/// Publishes and keeps what came of it.
void begin(World& world, int number, std::vector<manager::Publication>* outcomes) {
    const auto keep = [](boost::asio::awaitable<manager::Publication> work,
                         std::vector<manager::Publication>* kept) -> boost::asio::awaitable<void> {
        kept->push_back(co_await std::move(work));
    };
    world.tasks->spawn(keep(
        world.publisher->publish("Z1", World::spec(number).name, fleet::Side::private_, aws::priority_normal),
        outcomes));
}

bool holds(const http::Request& batch, int number) {
    return batch.body.contains("<Value>" + World::address(number) + "</Value>");
}

const fleet::DnsState& dns_of(const fleet::Record& record) {
    return record.dns_private;
}

std::string record_set(const std::string& type, const std::string& extra = {}) {
    return answers::records(answers::item(
        "ResourceRecordSet",
        answers::item("Name", "lms-1.example.com.") + answers::item("Type", type) + extra +
            answers::item("TTL", "300") +
            answers::item("ResourceRecords",
                          answers::item("ResourceRecord", answers::item("Value", "192.0.2.1")))));
}

/// What is said of a name whose record stands in Route 53 already.
std::string refusal(const std::string& records, bool take_over = false) {
    World world;
    auto spec = World::spec(1);
    spec.dns.private_->take_over = take_over;
    world.add_name(spec);
    world.make_ready(1);
    world.fake.always(describe,
                      FakeAws::ok(answers::machines({{.id = "i-1", .private_address = World::address(1)}})));
    world.fake.always(list, FakeAws::ok(records));
    const auto publication = publish(world, 1);
    CHECK(publication.accepted == (world.fake.count(change) == 1));
    return publication.reason;
}

}  // namespace

TEST_CASE("dns publisher: names of a zone that come within a moment go in one batch, with one Describe") {
    World world;
    make_names(world, 2);
    std::vector<manager::Publication> outcomes;
    begin(world, 1, &outcomes);
    begin(world, 2, &outcomes);
    world.until([&] { return outcomes.size() == 2; });
    CHECK(outcomes[0].accepted);
    CHECK(outcomes[1].accepted);
    REQUIRE(world.fake.count(change) == 1);
    CHECK(holds(world.fake.asked(change)[0], 1));
    CHECK(holds(world.fake.asked(change)[0], 2));
    CHECK(world.fake.count(describe) == 1);
    CHECK(dns_of(world.record("lms-1")).published->change == "C1");
}

TEST_CASE("dns publisher: there is never more than one batch in flight for a zone") {
    World world;
    make_names(world, 2);
    world.fake.hold(change);
    std::vector<manager::Publication> outcomes;
    begin(world, 1, &outcomes);
    world.until([&] { return world.fake.count(change) == 1; });
    begin(world, 2, &outcomes);
    world.settle();
    CHECK(world.fake.count(change) == 1);
    world.fake.once(change, FakeAws::ok(answers::change("C1")));
    world.until([&] { return world.fake.count(change) == 2; });
    CHECK(outcomes.size() == 1);
    CHECK_FALSE(holds(world.fake.asked(change)[1], 1));
    CHECK(holds(world.fake.asked(change)[1], 2));
    world.fake.once(change, FakeAws::ok(answers::change("C2")));
    world.until([&] { return outcomes.size() == 2; });
}

TEST_CASE("dns publisher: one bad record does not keep the good ones from being written") {
    World world;
    make_names(world, 3);
    const auto answer = [](const http::Request& request) {
        return holds(request, 2) ? FakeAws::refuse("InvalidChangeBatch")(request)
                                 : FakeAws::ok(answers::change("C1"))(request);
    };
    world.fake.always(change, answer);
    std::vector<manager::Publication> outcomes;
    for (const int number : {1, 2, 3}) {
        begin(world, number, &outcomes);
    }
    world.until([&] { return outcomes.size() == 3; });
    CHECK(dns_of(world.record("lms-1")).published);
    CHECK(dns_of(world.record("lms-3")).published);
    const auto bad = world.record("lms-2");
    CHECK_FALSE(dns_of(bad).published);
    CHECK_FALSE(dns_of(bad).unanswered);
    CHECK(bad.retries.at("publish/private").error.starts_with("InvalidChangeBatch: "));
}

TEST_CASE("dns publisher: a record that is not ours is not written over, unless the spec says so") {
    CHECK(refusal(record_set("A")) ==
          "lms-1.example.com has an A record that is not ours: remove it, or say \"take_over\": true");
    CHECK(refusal(record_set("A"), true).empty());
    CHECK(refusal(record_set("CNAME"), true) ==
          "lms-1.example.com is a CNAME, which cannot stand beside an A record: remove it first");
    CHECK(refusal(record_set("A", answers::item("SetIdentifier", "blue")), true) ==
          "lms-1.example.com has a routing policy: remove its record sets first");
    CHECK(refusal(record_set("TXT")).empty());
}

TEST_CASE("dns publisher: names written for the first time are looked for page by page, not one by one") {
    World world;
    make_names(world, 3);
    // The first page ends before lms-3.
    auto first_page = record_set("A");
    first_page.insert(first_page.find("</ListResourceRecordSetsResponse>"),
                      "<IsTruncated>true</IsTruncated><NextRecordName>lms-3.example.com.</NextRecordName>");
    world.fake.once(list, FakeAws::ok(first_page));
    std::vector<manager::Publication> outcomes;
    for (const int number : {3, 2, 1}) {
        begin(world, number, &outcomes);
    }
    world.until([&] { return outcomes.size() == 3; });
    CHECK_FALSE(dns_of(world.record("lms-1")).published);
    CHECK(dns_of(world.record("lms-2")).published);
    CHECK(dns_of(world.record("lms-3")).published);
    REQUIRE(world.fake.count(list) == 2);
    CHECK(world.fake.asked(list)[0].target.contains("name=lms-1.example.com."));
    CHECK(world.fake.asked(list)[1].target.contains("name=lms-3.example.com."));
}

TEST_CASE("dns publisher: what was written once is ours and is not looked at again") {
    World world;
    make_names(world, 1);
    CHECK(publish(world, 1).accepted);
    CHECK(publish(world, 1).accepted);
    CHECK(world.fake.count(list) == 1);
}

TEST_CASE("dns publisher: an address that EC2 does not confirm now is not written") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1, 1min);

    SUBCASE("EC2 does not answer") {
        world.fake.always(describe, FakeAws::refuse("InternalError", 500));
        CHECK(publish(world, 1).reason.starts_with("InternalError: "));
        CHECK(world.record("lms-1").retries.at("publish/private").error.starts_with("InternalError: "));
    }
    SUBCASE("EC2 does not show the machine") {
        world.fake.always(describe, FakeAws::ok(answers::machines({})));
        CHECK_FALSE(publish(world, 1).accepted);
        CHECK(world.record("lms-1").retries.contains("publish/private"));
    }
    SUBCASE("the machine does not run") {
        world.fake.always(
            describe, FakeAws::ok(answers::machines(
                          {{.id = "i-1", .state = "shutting-down", .private_address = World::address(1)}})));
        CHECK_FALSE(publish(world, 1).accepted);
    }
    CHECK(world.fake.count(change) == 0);
    CHECK_FALSE(dns_of(world.record("lms-1")).unanswered);
}

TEST_CASE("dns publisher: an outcome that is not known counts as written, and is sent again") {
    World world;
    make_names(world, 1);
    world.fake.once(change, FakeAws::lose());
    CHECK_FALSE(publish(world, 1).accepted);
    CHECK(dns_of(world.record("lms-1")).unanswered);
    CHECK_FALSE(dns_of(world.record("lms-1")).published);
    CHECK(publish(world, 1).accepted);
    CHECK(world.fake.asked(change)[0].body == world.fake.asked(change)[1].body);
    CHECK_FALSE(dns_of(world.record("lms-1")).unanswered);
}

TEST_CASE("dns publisher: a zone that was found by its suffix and is gone is looked for anew") {
    World world;
    auto spec = World::spec(1);
    spec.dns.private_->zone_id.reset();
    world.add_name(spec);
    world.make_ready(1);
    world.learn("lms-1", fleet::ZoneFound{fleet::Side::private_, "Z1"});
    const auto machines = answers::machines({{.id = "i-1", .private_address = World::address(1)}});
    world.fake.always(describe, FakeAws::ok(machines));
    world.fake.once("ChangeResourceRecordSets", FakeAws::refuse("NoSuchHostedZone", 404));
    CHECK_FALSE(world.perform("lms-1", fleet::ActionKind::publish_dns).succeeded);
    CHECK_FALSE(world.record("lms-1").dns_private.zone_id);
}
