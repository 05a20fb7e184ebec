#include "fleet/user_data.hpp"

#include <doctest/doctest.h>

using namespace fleet;

namespace {

const FirstBoot first_boot{.name = "lms-chen",
                           .queue_url = "https://sqs.eu-west-1.amazonaws.com/123456789012/spot's queue",
                           .region = "eu-west-1",
                           .token = "0123abcd"};

std::size_t count(std::string_view text, std::string_view word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        ++found;
    }
    return found;
}

}  // namespace

TEST_CASE("user data is MIME multipart: the user's part first, then ours") {
    const auto text = render_user_data("#!/bin/sh\necho hello", first_boot);
    CHECK(text.starts_with(
        "Content-Type: multipart/mixed; boundary=\"==spot-manager-part==\"\nMIME-Version: 1.0\n\n"));
    CHECK(text.ends_with("\n--==spot-manager-part==--\n"));
    CHECK(count(text, "\n--==spot-manager-part==\n") == 2);
    CHECK(count(text, "Content-Type: text/x-shellscript; charset=\"utf-8\"") == 2);
    CHECK(text.find("\n\n#!/bin/sh\necho hello\n") < text.find("\n\n#!/bin/bash\n"));
}

TEST_CASE("cloud-config keeps its own type, and without a user's part there is ours alone") {
    CHECK(count(render_user_data("#cloud-config\npackages: [nginx]\n", first_boot), "text/cloud-config") ==
          1);
    CHECK(count(render_user_data(std::nullopt, first_boot), "\n--==spot-manager-part==\n") == 1);
}

TEST_CASE("the same registration gives the same user data") {
    CHECK(render_user_data("#!/bin/sh", first_boot) == render_user_data("#!/bin/sh", first_boot));
}

TEST_CASE("values are quoted for the shell") {
    const auto text = render_user_data(std::nullopt, first_boot);
    CHECK(
        text.find(
            "SPOT_MANAGER_QUEUE_URL='https://sqs.eu-west-1.amazonaws.com/123456789012/spot'\\''s queue'\n") !=
        std::string::npos);
    auto odd = first_boot;
    odd.name = "$(reboot) `reboot` \"\\";
    CHECK(render_user_data(std::nullopt, odd).find("SPOT_MANAGER_NAME='$(reboot) `reboot` \"\\'\n") !=
          std::string::npos);
}

TEST_CASE("a user's part that cannot be taken is refused in a sentence") {
    CHECK_FALSE(user_data_problem("#!/bin/sh\n"));
    CHECK_FALSE(user_data_problem("#cloud-config\n"));
    CHECK(user_data_problem("")->starts_with("must not be empty"));
    CHECK(user_data_problem("echo hello")->starts_with("must be a shell script, beginning with #!"));
    CHECK(
        user_data_problem("#!/bin/sh\n--==spot-manager-part==\n")->starts_with("must not contain the line"));
}

TEST_CASE("user data fits into EC2's 16 KB as a whole, or is refused") {
    std::size_t largest = user_data_bytes_max;
    while (user_data_problem("#!" + std::string(largest - 2, 'x'))) {
        --largest;
    }
    CHECK(largest > 10 * 1024);
    CHECK(render_user_data("#!" + std::string(largest - 2, 'x'), first_boot).size() <= user_data_bytes_max);
    CHECK(user_data_problem("#!" + std::string(largest, 'x'))->starts_with("is too long: "));
}
