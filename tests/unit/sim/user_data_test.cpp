#include "sim/user_data.hpp"

#include <doctest/doctest.h>

#include "base/hash.hpp"

namespace {

constexpr const char* script =
    "#!/bin/bash\nSPOT_MANAGER_NAME='lms-chen'\nexport SPOT_MANAGER_QUEUE_URL=\"http://h/1/q\"\n"
    "SPOT_MANAGER_TOKEN=abc # secret\n";

sim::Machine machine_with(std::string user_data) {
    sim::Machine machine;
    machine.id = "i-1";
    machine.private_address = "127.16.0.1";
    machine.spec.user_data = std::move(user_data);
    return machine;
}

constexpr const char* report =
    R"({"spot_manager":1,"report":"booted","name":"lms-chen","machine":"i-1","token":"abc"})";

}  // namespace

TEST_CASE("sim user data: a script says where to report and with which token") {
    const auto found = sim::report_of(machine_with(script), false);
    REQUIRE(found);
    CHECK(found->queue_url == "http://h/1/q");
    CHECK(found->body == report);
}

TEST_CASE("sim user data: the script is found in MIME multipart, plain or in base64") {
    const std::string head =
        "Content-Type: multipart/mixed;\r\n boundary=\"B\"\r\nMIME-Version: 1.0\r\n\r\n--B\r\n"
        "Content-Type: text/cloud-config\r\n\r\npackages: [x]\r\n--B\r\n"
        "Content-Type: text/x-shellscript\r\n";
    const auto plain = head + "\r\n" + script + "\r\n--B--\r\n";
    const auto encoded =
        head + "Content-Transfer-Encoding: base64\r\n\r\n" + base::base64_encode(script) + "\r\n--B--\r\n";
    for (const auto& user_data : {plain, encoded}) {
        const auto found = sim::report_of(machine_with(user_data), false);
        REQUIRE(found);
        CHECK(found->body == report);
    }
}

TEST_CASE("sim user data: machines may speak as in the earlier system") {
    const auto found = sim::report_of(machine_with(script), true);
    REQUIRE(found);
    CHECK(
        found->body ==
        R"({"text":"Lumos new spot instance launched","iid":"i-1","public_ip":"NONE","private_ip":"127.16.0.1"})");
}

TEST_CASE("sim user data: no queue, no report") {
    CHECK_FALSE(sim::report_of(machine_with(""), false));
    CHECK_FALSE(sim::report_of(machine_with("#!/bin/sh\necho SPOT_MANAGER_QUEUE_URL\n"), false));
    CHECK_FALSE(sim::report_of(machine_with("Content-Type: multipart/mixed; boundary=B\n\n--B"), false));
}

TEST_CASE("sim user data: the last assignment counts") {
    CHECK(sim::shell_assignment("A=1\n A='2'\nAB=3\n", "A") == "2");
    CHECK_FALSE(sim::shell_assignment("B=1", "A"));
}
