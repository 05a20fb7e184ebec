#include "fleet/command.hpp"

#include <doctest/doctest.h>

#include "fleet/message.hpp"

using namespace fleet;

namespace {

SignedCommand a_command(std::string_view payload) {
    const auto issued = *base::parse_time("2026-01-15T12:00:00Z");
    const auto message = parse_message(sign_command("a key", "register", "uid-1", issued, payload));
    REQUIRE(message);
    return std::get<SignedCommand>(message->body);
}

}  // namespace

TEST_CASE("a command that was signed with the key is believed as it was written") {
    const auto command = a_command("{\"name\": \"lms-chen\"}\n");
    CHECK(command.payload == "{\"name\": \"lms-chen\"}\n");
    CHECK(command.uid == "uid-1");
    CHECK(command.issued == "2026-01-15T12:00:00Z");
    CHECK(signature_holds("a key", command));
}

TEST_CASE("another key, or any change, breaks the signature") {
    const auto command = a_command("{}");
    CHECK_FALSE(signature_holds("another key", command));
    for (auto SignedCommand::* field : {&SignedCommand::command, &SignedCommand::uid, &SignedCommand::issued,
                                        &SignedCommand::payload, &SignedCommand::signature}) {
        auto forged = command;
        forged.*field += "x";
        CHECK_FALSE(signature_holds("a key", forged));
        (forged.*field).clear();
        CHECK_FALSE(signature_holds("a key", forged));
    }
}

TEST_CASE("parts cannot be shifted into one another") {
    auto command = a_command("{}");
    command.uid = "uid-1\n2026-01-15T12:00:00Z";
    command.issued = "{}";
    command.payload = "";
    CHECK_FALSE(signature_holds("a key", command));
}

TEST_CASE("a report's token is of one key and one registration") {
    CHECK(report_token("k", "uid-1") == report_token("k", "uid-1"));
    CHECK(report_token("k", "uid-1") != report_token("k", "uid-2"));
    CHECK(report_token("k", "uid-1") != report_token("l", "uid-1"));
    CHECK(report_token("k", "uid-1").size() == 64);
}
