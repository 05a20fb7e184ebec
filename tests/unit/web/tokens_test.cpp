#include "web/tokens.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

TEST_CASE("tokens: roles by token, comments and blanks aside") {
    const auto tokens = web::Tokens::parse(
        "# who: the dashboard\nread  0123456789abcdef\r\n\n write\tfedcba9876543210==  \n");
    REQUIRE_MESSAGE(tokens, tokens.error().message);
    CHECK(tokens->role_of("0123456789abcdef") == web::Role::read);
    CHECK(tokens->role_of("fedcba9876543210==") == web::Role::write);
    CHECK_FALSE(tokens->role_of("0123456789abcdeF"));
    CHECK_FALSE(tokens->role_of(""));
}

TEST_CASE("tokens: a faulty file is refused by line, without its tokens") {
    for (const std::string wrong : {"", "# nothing\n", "read short\n", "read\n", "admin 0123456789abcdef\n",
                                    "write 0123456789abc def\n", "0123456789abcdef\n"}) {
        const auto tokens = web::Tokens::parse(wrong);
        REQUIRE_MESSAGE(!tokens, wrong);
        CHECK(tokens.error().message.find("0123456789") == std::string::npos);
    }
    CHECK(web::Tokens::parse("read 0123456789abcdef\nwrite x\n").error().message.starts_with("line 2:"));
    CHECK(web::Tokens::load("/nonexistent/tokens").error().message.find("/nonexistent/tokens") !=
          std::string::npos);
}

TEST_CASE("tokens: who only reads takes the one that may do least") {
    const auto file = std::filesystem::temp_directory_path() / "spot-manager-test-tokens";
    std::ofstream(file) << "write writer-0123456789\nread reader-0123456789\n";
    CHECK(web::token_that_reads(file) == "reader-0123456789");
    std::ofstream(file) << "write writer-0123456789\n";
    CHECK(web::token_that_reads(file) == "writer-0123456789");
    std::filesystem::remove(file);
    CHECK_FALSE(web::token_that_reads(file));
}

TEST_CASE("exposure: without tokens on loopback only, without TLS beyond it only when told") {
    CHECK(web::check_exposure({"127.0.0.1", false, false, false}));
    CHECK(web::check_exposure({"::1", false, false, false}));
    CHECK_FALSE(web::check_exposure({"0.0.0.0", false, true, true}));
    CHECK_FALSE(web::check_exposure({"10.0.0.1", true, false, false}));
    CHECK(web::check_exposure({"10.0.0.1", true, true, false}));
    CHECK(web::check_exposure({"0.0.0.0", true, false, true}));
    CHECK(web::check_exposure({"0.0.0.0", false, false, false}).error().message.find("tokens_file") !=
          std::string::npos);
    CHECK_FALSE(web::check_exposure({"localhost", false, false, false}));
}
