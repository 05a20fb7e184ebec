#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <map>
#include <memory>
#include <random>

#include "app/replay_world.hpp"
#include "base/json.hpp"
#include "fleet/status.hpp"

// Sixty messages as the earlier system received them (tests/data/trace). The end states were worked out by
// hand from the messages' own times.

namespace {

using app::RecordedMessage;

std::vector<base::json::value> json_lines(const std::string& file) {
    std::ifstream stream(std::string(TEST_DATA) + "/trace/" + file);
    REQUIRE(stream);
    std::vector<base::json::value> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(base::parse_json(line).value());
    }
    return lines;
}

std::vector<RecordedMessage> recorded_messages() {
    std::vector<RecordedMessage> messages;
    for (const auto& line : json_lines("messages-60.jsonl")) {
        messages.push_back({.received = *base::parse_time(line.at("received").as_string()),
                            .sent = base::Time{base::Duration{line.at("sent_ms").as_int64()}},
                            .body = boost::json::serialize(line.at("body"))});
    }
    return messages;
}

std::vector<app::ManagedName> managed_names() {
    std::vector<app::ManagedName> names;
    for (const auto& line : json_lines("managed.jsonl")) {
        names.push_back(base::from_json<app::ManagedName>(line, base::UnknownKeys::reject).value());
    }
    return names;
}

std::unique_ptr<app::ReplayWorld> replayed(const std::vector<RecordedMessage>& messages) {
    auto world = std::make_unique<app::ReplayWorld>(managed_names());
    world->begin(messages.front().received);
    for (const auto& message : messages) {
        world->receive(message);
    }
    world->end();
    return world;
}

/// `generation request machine ec2_state lost`, a line a launch.
std::string end_state(const app::ReplayWorld& world, const std::string& name) {
    const auto& record = world.ledger().records().at(name);
    std::string text = boost::describe::enum_to_string(fleet::status_of(record).state, "?");
    for (const auto& launch : record.launches) {
        text += "\n" + std::to_string(launch.generation) + " " +
                launch.attempts.back().request.value_or("-") + " " + launch.machine.value_or("-") + " " +
                boost::describe::enum_to_string(launch.ec2_state, "?") + " " +
                (launch.lost ? base::format_time(*launch.lost) : "-");
    }
    return text;
}

const std::string chen_by_hand = R"(requesting
1 sir-2hri7e9n i-0331e69a18ea4ed81 terminated 2020-11-18T11:45:35Z
2 sir-tt6i4v2m i-0fd3f974eb0a4ed26 terminated 2020-11-18T11:46:58Z
3 sir-25gi5b8n i-0bbb44e32bb59eadd terminated 2020-11-18T12:03:14Z
4 sir-5xti5sip i-0b29e9427854d8254 terminated 2020-11-18T12:57:01Z
5 sir-z7mr6b2q i-0dbf56ae463989526 terminated 2020-11-18T13:06:11Z
6 sir-n69g4wdn i-0415562b7337f4fc5 terminated 2020-11-18T13:19:06Z
7 sir-mbd84g1q i-0d462c67fa4a13313 terminated 2020-11-18T13:32:16Z
8 sir-cm9i5zep i-07ad94324d96c4032 terminated 2020-11-18T15:38:52Z
9 sir-v6ri5pgq i-03963ef7a2855c309 shutting_down 2020-11-19T08:54:22Z
10 - - unknown -)";

const std::string two_by_hand = R"(requesting
1 sir-wegr6m3q i-027ae54d4eab4aacc terminated 2020-11-18T15:38:52Z
2 - - unknown -)";

/// The machine that a message is about.
std::string machine_of(const RecordedMessage& message) {
    return fleet::ids_of(fleet::parse_message(message.body).value()).back();
}

}  // namespace

TEST_CASE("replay: sixty real messages end where a person says they end") {
    const auto world = replayed(recorded_messages());
    CHECK(end_state(*world, "lms-chen") == chen_by_hand);
    CHECK(end_state(*world, "lms-two") == two_by_hand);

    std::map<fleet::Outcome, int> outcomes;
    for (const auto& receipt : world->receipts()) {
        ++outcomes[receipt.outcome];
    }
    CHECK(outcomes == std::map<fleet::Outcome, int>{{fleet::Outcome::handled, 50},
                                                    {fleet::Outcome::duplicate, 2},
                                                    {fleet::Outcome::foreign, 8}});
}

TEST_CASE("replay: the next launch is started at the time of the loss") {
    const auto world = replayed(recorded_messages());
    const auto& launches = world->ledger().records().at("lms-chen").launches;
    CHECK(base::format_time(launches[0].started) == "2020-11-18T11:38:28.100Z");
    for (std::size_t i = 1; i < launches.size(); ++i) {
        CHECK(launches[i].started == *launches[i - 1].lost);
    }
}

TEST_CASE("replay: each machine's messages in any order end in the same states") {
    for (unsigned seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        auto messages = recorded_messages();
        std::map<std::string, std::vector<std::size_t>> places;
        for (std::size_t i = 0; i < messages.size(); ++i) {
            places[machine_of(messages[i])].push_back(i);
        }
        std::mt19937 random(seed);
        const auto original = messages;
        for (const auto& [machine, own] : places) {
            auto shuffled = own;
            std::ranges::shuffle(shuffled, random);
            for (std::size_t i = 0; i < own.size(); ++i) {
                messages[own[i]].body = original[shuffled[i]].body;
                messages[own[i]].sent = original[shuffled[i]].sent;
            }
        }
        const auto world = replayed(messages);
        CHECK(end_state(*world, "lms-chen") == chen_by_hand);
        CHECK(end_state(*world, "lms-two") == two_by_hand);
    }
}
