#include "sim/queues.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace {

struct Fixture {
    sim::Settings settings;
    sim::Timeline timeline{base::Time{base::Duration{1'000'000}}};
    sim::Faults faults{timeline};
    sim::Queues queues{timeline, settings, faults};

    Fixture() { REQUIRE(queues.create("q", {})); }

    void play(const std::string& fault) {
        sim::FaultRule rule;
        rule.fault = fault;
        REQUIRE(faults.add(rule));
    }

    void pass(base::Duration time) { timeline.advance_to(timeline.now() + time); }

    std::string send(const std::string& body, std::optional<base::Duration> delay = {}) {
        return queues.send("q", {.body = body, .sender_id = "AIDA", .attributes = {}, .delay = delay})
            .value();
    }

    std::vector<sim::Message> receive(std::size_t most = 10) {
        return queues.receive("q", most, 30s).value();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "sim queues: a received message is hidden, then comes again with a higher count") {
    send("one");
    const auto first = receive();
    REQUIRE(first.size() == 1);
    CHECK(first[0].body == "one");
    CHECK(first[0].receive_count == 1);
    CHECK(receive().empty());
    pass(30s);
    const auto second = receive();
    REQUIRE(second.size() == 1);
    CHECK(second[0].receive_count == 2);
    CHECK(second[0].receipt_handle != first[0].receipt_handle);
}

TEST_CASE_FIXTURE(Fixture, "sim queues: only the latest receipt deletes") {
    send("one");
    const auto old = receive()[0].receipt_handle;
    pass(30s);
    const auto latest = receive()[0].receipt_handle;
    auto& queue = *queues.find("q").value();
    CHECK(queue.remove(old));
    CHECK(queue.describe(timeline.now()).at("ApproximateNumberOfMessagesNotVisible") == "1");
    CHECK(queue.remove(latest));
    CHECK(queue.describe(timeline.now()).at("ApproximateNumberOfMessagesNotVisible") == "0");
    CHECK(queue.remove(latest));
    CHECK(queue.remove("nonsense").error().code == "ReceiptHandleIsInvalid");
}

TEST_CASE_FIXTURE(Fixture, "sim queues: a call takes each message once, even without a visibility timeout") {
    send("one");
    CHECK(queues.receive("q", 10, 0s).value().size() == 1);
    CHECK(queues.receive("q", 10, 0s).value().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "sim queues: a delayed message comes late and is counted so") {
    send("late", 5s);
    CHECK(receive().empty());
    CHECK(queues.find("q").value()->describe(timeline.now()).at("ApproximateNumberOfMessagesDelayed") == "1");
    pass(5s);
    CHECK(receive().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "sim queues: visibility can be given back while the message is in flight") {
    send("one");
    const auto handle = receive()[0].receipt_handle;
    CHECK(queues.change_visibility("q", handle, 0s));
    CHECK(queues.change_visibility("q", handle, 0s).error().code == "MessageNotInflight");
    CHECK(receive().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "sim queues: what was received too often goes to the dead letter queue") {
    REQUIRE(queues.create("dead", {}));
    REQUIRE(queues.set("q", {{"RedrivePolicy", R"({"deadLetterTargetArn":")" + queues.arn("dead") +
                                                   R"(","maxReceiveCount":"2"})"}}));
    send("poison");
    for (int times = 0; times < 2; ++times) {
        CHECK(receive().size() == 1);
        pass(30s);
    }
    CHECK(receive().empty());
    CHECK(queues.receive("dead", 1, 30s).value().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "sim queues: old messages are forgotten") {
    REQUIRE(queues.set("q", {{"MessageRetentionPeriod", "60"}}));
    send("old");
    pass(60s);
    CHECK(receive().empty());
}

TEST_CASE_FIXTURE(Fixture, "sim queues: whoever listens hears of a new message") {
    int heard = 0;
    const auto listener = queues.listen([&heard] { ++heard; });
    send("one");
    CHECK(heard == 1);
    queues.unlisten(listener);
    send("two");
    CHECK(heard == 1);
}

TEST_CASE_FIXTURE(Fixture, "sim queues: making one again needs the same attributes") {
    CHECK(queues.create("q", {{"VisibilityTimeout", "30"}}));
    CHECK(queues.create("q", {{"VisibilityTimeout", "31"}}).error().code == "QueueNameExists");
    CHECK(queues.create("p", {{"VisibilityTimeout", "-1"}}).error().code == "InvalidAttributeValue");
    CHECK(queues.create("p", {{"Colour", "red"}}).error().code == "InvalidAttributeName");
    CHECK(queues.create("a b", {}).error().code == "InvalidParameterValue");
    CHECK(queues.find("nobody").error().code == "QueueDoesNotExist");
}

TEST_CASE_FIXTURE(Fixture, "sim queues: when told so, a message comes once more though it was deleted") {
    play("duplicate");
    send("one");
    const auto first = receive();
    REQUIRE(queues.find("q").value()->remove(first[0].receipt_handle));
    CHECK(receive().empty());
    pass(1s);
    const auto again = receive();
    REQUIRE(again.size() == 1);
    CHECK(again[0].id == first[0].id);
    CHECK(again[0].body == "one");
}

TEST_CASE_FIXTURE(Fixture, "sim queues: when told so, a batch is short, and the rest comes later") {
    play("short_batch");
    std::set<std::string> bodies;
    for (int number = 0; number < 10; ++number) {
        send(std::to_string(number));
    }
    bool was_short = false;
    while (bodies.size() < 10) {
        const auto left = 10 - bodies.size();
        const auto batch = receive();
        REQUIRE(!batch.empty());
        was_short = was_short || batch.size() < left;
        for (const auto& message : batch) {
            CHECK(bodies.insert(message.body).second);
        }
    }
    CHECK(was_short);
}

TEST_CASE_FIXTURE(Fixture, "sim queues: when told so, a batch comes in another order") {
    play("reorder");
    std::string sent;
    for (int number = 0; number < 10; ++number) {
        sent += send(std::to_string(number)).substr(0, 8);
    }
    std::string received;
    for (const auto& message : receive()) {
        received += message.id.substr(0, 8);
    }
    CHECK(received.size() == sent.size());
    CHECK(received != sent);
}
