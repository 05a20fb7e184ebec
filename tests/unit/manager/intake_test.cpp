#include "manager/intake.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "../store/full_disk.hpp"
#include "world.hpp"

namespace {

namespace json = boost::json;

constexpr auto receive = "ReceiveMessage";
constexpr auto remove_batch = "DeleteMessageBatch";

/// What ReceiveMessage answers; the handle of a message is its id and `handle-`.
std::string messages(const std::vector<std::pair<std::string, std::string>>& bodies) {
    json::array list;
    for (const auto& [id, body] : bodies) {
        list.push_back(
            json::object{{"MessageId", id},
                         {"ReceiptHandle", "handle-" + id},
                         {"Body", body},
                         {"Attributes", {{"SenderId", "AIDA"}, {"SentTimestamp", "1768478400000"}}}});
    }
    return json::serialize(json::object{{"Messages", std::move(list)}});
}

std::string state_change(const std::string& machine) {
    return R"({"version":"0","id":"event-)" + machine +
           R"(","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2",)"
           R"("account":"123456789012","time":"2026-01-15T12:00:00Z","region":"us-east-1","resources":[],)"
           R"("detail":{"instance-id":")" +
           machine + R"(","state":"running"}})";
}

std::string interruption(const std::string& machine) {
    return R"({"version":"0","id":"notice-)" + machine +
           R"(","detail-type":"EC2 Spot Instance Interruption Warning","source":"aws.ec2",)"
           R"("account":"123456789012","time":"2026-01-15T12:00:00Z","region":"us-east-1","resources":[],)"
           R"("detail":{"instance-id":")" +
           machine + R"(","instance-action":"terminate"}})";
}

/// A signed registration.
std::string registration(World& world, int number) {
    return world.registration(World::spec(number));
}

/// The handles of the n-th DeleteMessageBatch.
std::vector<std::string> deleted(const World& world, std::size_t call) {
    std::vector<std::string> handles;
    const auto body = base::parse_json(world.fake.asked(remove_batch).at(call).body).value();
    for (const auto& entry : body.at("Entries").as_array()) {
        handles.emplace_back(entry.at("ReceiptHandle").as_string());
    }
    return handles;
}

/// The queue is asked again, so what came before is done with.
void until_asked_again(World& world, std::size_t times) {
    world.until([&] { return world.fake.count(receive) >= times; });
}

bool has_name(World& world, const std::string& name) {
    return world
        .run(world.store->read([name](const store::ReadTransaction& transaction) {
            return transaction.find(name).value().has_value();
        }))
        .value();
}

}  // namespace

TEST_CASE("intake: a message is deleted after its effect is in the store, not before") {
    World world;
    world.fake.once(receive, FakeAws::ok(messages({{"1", registration(world, 1)}})));
    world.tasks->spawn(world.intake->run());
    world.until([&] { return world.fake.count(remove_batch) == 1; });
    CHECK(has_name(world, "lms-1"));
    CHECK(deleted(world, 0) == std::vector<std::string>{"handle-1"});
    world.fake.once(remove_batch, FakeAws::ok("{}"));
    until_asked_again(world, 2);
    CHECK_FALSE(world.intake->trouble());
}

TEST_CASE("intake: we say when a message comes again that we received and did not live to delete") {
    World world;
    world.settings.hidden_for = 7s;
    world.tasks->spawn(world.intake->run());
    until_asked_again(world, 1);
    const auto asked = base::parse_json(world.fake.asked(receive).at(0).body).value();
    CHECK(asked.at("VisibilityTimeout") == 7);
}

TEST_CASE("intake: what EC2 tells of others, and what cannot be read, is deleted too") {
    World world;
    world.fake.once(receive, FakeAws::ok(messages({{"1", "no JSON"}, {"2", state_change("i-0stranger")}})));
    world.fake.once(remove_batch, FakeAws::ok("{}"));
    world.tasks->spawn(world.intake->run());
    until_asked_again(world, 2);
    CHECK(deleted(world, 0) == std::vector<std::string>{"handle-1", "handle-2"});
}

TEST_CASE("intake: a delete that failed is tried again, but not when the fault is ours") {
    World world;
    const auto three = messages({{"1", "no JSON"}, {"2", "no JSON"}, {"3", "no JSON"}});
    world.fake.once(receive, FakeAws::ok(three));
    world.fake.once(remove_batch, FakeAws::ok(R"({"Successful":[{"Id":"0"}],"Failed":[
        {"Id":"1","Code":"InternalError","SenderFault":false},
        {"Id":"2","Code":"ReceiptHandleIsInvalid","SenderFault":true}]})"));
    world.fake.once(remove_batch, FakeAws::ok(R"({"Successful":[{"Id":"1"}]})"));
    world.tasks->spawn(world.intake->run());
    until_asked_again(world, 2);
    REQUIRE(world.fake.count(remove_batch) == 2);
    CHECK(deleted(world, 1) == std::vector<std::string>{"handle-2"});
}

TEST_CASE("intake: a message that comes again is a duplicate, and deleted by its newest handle") {
    World world;
    world.fake.once(receive, FakeAws::ok(messages({{"1", registration(world, 1)}})));
    world.fake.once(remove_batch, FakeAws::refuse("ServiceUnavailable", 503));
    auto again = messages({{"1", registration(world, 1)}});
    again.replace(again.find("handle-1"), 8, "handle-2");
    world.fake.once(receive, FakeAws::ok(again));
    world.fake.once(remove_batch, FakeAws::ok("{}"));
    world.tasks->spawn(world.intake->run());
    until_asked_again(world, 3);
    CHECK(deleted(world, 1) == std::vector<std::string>{"handle-2"});
    CHECK(world.record("lms-1").revision == 1);
}

TEST_CASE("intake: a message about a record that cannot be read stays in the queue, the others do not") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    world.tamper("records", "lms-1", "no record");
    world.fake.once(
        receive,
        FakeAws::ok(messages({{"1", "no JSON"}, {"2", state_change("i-1")}, {"3", registration(world, 2)}})));
    world.fake.once(remove_batch, FakeAws::ok("{}"));
    world.tasks->spawn(world.intake->run());
    until_asked_again(world, 2);
    CHECK(deleted(world, 0) == std::vector<std::string>{"handle-1", "handle-3"});
    CHECK_FALSE(world.intake->trouble());
}

TEST_CASE("intake: a message that the store cannot take stays in the queue and does not hold up the others") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    // The record owns this spot request too: whatever changes it cannot be saved.
    world.tamper("by_request", "sir-1", "lms-other");
    world.fake.once(
        receive,
        FakeAws::ok(messages({{"1", "no JSON"}, {"2", interruption("i-1")}, {"3", registration(world, 2)}})));
    world.fake.once(remove_batch, FakeAws::ok("{}"));
    world.tasks->spawn(world.intake->run());
    until_asked_again(world, 2);
    CHECK(deleted(world, 0) == std::vector<std::string>{"handle-1", "handle-3"});
    CHECK_FALSE(world.intake->trouble());
    CHECK(world.counted("spot_manager_messages_total", {{"kind", "interruption"}, {"outcome", "left"}}) == 1);
}

TEST_CASE("intake: while the store cannot be written nothing is received, so that nothing is pushed out") {
    World world;
    const auto large = messages({{"1", registration(world, 1)}, {"2", std::string(100'000, 'x')}});
    world.fake.always(remove_batch, FakeAws::ok("{}"));
    {
        const FullDisk full(std::filesystem::file_size(world.store.path() / "data.mdb"));
        world.tasks->spawn(world.intake->run());
        world.fake.once(receive, FakeAws::ok(large));
        world.until([&] { return world.intake->trouble().has_value(); });
        CHECK(world.intake->trouble()->starts_with("the store cannot be written"));
        const auto tries = [&] { return world.store->statistics().closures_failed; };
        const auto before = tries();
        world.until([&] { return tries() >= before + 2; });
        CHECK(world.fake.count(receive) == 1);
        CHECK(world.fake.count(remove_batch) == 0);
    }
    until_asked_again(world, 2);
    world.fake.once(receive, FakeAws::ok(large));
    until_asked_again(world, 3);
    CHECK_FALSE(world.intake->trouble());
    CHECK(has_name(world, "lms-1"));
    CHECK(deleted(world, 0) == std::vector<std::string>{"handle-1", "handle-2"});
}

TEST_CASE("intake: a queue that cannot be read is said and asked again later, not at once") {
    World world;
    world.fake.once(receive, FakeAws::refuse("AccessDenied", 403));
    world.tasks->spawn(world.intake->run());
    world.until([&] { return world.intake->trouble().has_value(); });
    CHECK(world.intake->trouble()->starts_with("AccessDenied: "));
    world.settle();
    CHECK(world.fake.count(receive) == 1);
    world.fake.once(receive, FakeAws::ok("{}"));
    until_asked_again(world, 3);
    CHECK_FALSE(world.intake->trouble());
}

TEST_CASE("intake: ends at once in the middle of a long poll") {
    World world;
    world.tasks->spawn(world.intake->run());
    until_asked_again(world, 1);
    const auto began = std::chrono::steady_clock::now();
    world.restart();
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("intake: while batches come full, more receivers work side by side, and then one again") {
    World world;
    world.settings.receivers_max = 3;
    int next = 0;
    const auto batch = [&](int count) {
        std::vector<std::pair<std::string, std::string>> bodies;
        for (int i = 0; i < count; ++i) {
            const auto id = std::to_string(++next);
            bodies.emplace_back(id, state_change("i-0stranger" + id));
        }
        return FakeAws::ok(messages(bodies));
    };
    world.fake.always(remove_batch, FakeAws::ok("{}"));
    world.tasks->spawn(world.intake->run());
    const auto receivers = [&] { return world.gauge("spot_manager_receivers", {}); };
    SUBCASE("a batch that is not full needs no help") {
        world.fake.once(receive, batch(9));
        until_asked_again(world, 2);
        CHECK(receivers() == 1);
    }
    SUBCASE("full ones do, up to the setting") {
        for (int i = 0; i < 6; ++i) {
            world.fake.once(receive, batch(10));
        }
        world.until([&] { return world.fake.count(remove_batch) == 6; });
        world.settle();
        CHECK(receivers() == 3);
        CHECK(world.fake.count(receive) == 6 + 3);
        for (int i = 0; i < 3; ++i) {
            world.fake.once(receive, FakeAws::ok("{}"));
        }
        world.until([&] { return receivers() == 1; });
        until_asked_again(world, 10);
        world.settle();
        CHECK(world.fake.count(receive) == 10);
    }
    SUBCASE("a helper that fails ends, and the first receiver goes on") {
        world.fake.once(receive, batch(10));
        world.until([&] { return receivers() == 2 && world.fake.count(receive) == 3; });
        world.fake.once(receive, FakeAws::refuse("AccessDenied", 403));
        world.fake.once(receive, FakeAws::refuse("AccessDenied", 403));
        world.until([&] { return receivers() == 1; });
        until_asked_again(world, 4);
    }
}
