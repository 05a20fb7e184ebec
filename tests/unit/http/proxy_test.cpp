#include "http/proxy.hpp"

#include <doctest/doctest.h>

TEST_CASE("proxy: URL with and without scheme and credentials") {
    CHECK(http::parse_proxy("proxy.example.com:3128")->origin ==
          http::Origin{false, "proxy.example.com", 3128});
    const auto proxy = http::parse_proxy("http://user:p%40ss@proxy:3128/");
    REQUIRE(proxy);
    CHECK(proxy->origin.host == "proxy");
    CHECK(proxy->authorization == "Basic dXNlcjpwQHNz");
    CHECK_FALSE(http::parse_proxy("https://proxy:3128"));
}

TEST_CASE("proxy: a faulty URL is refused without its password") {
    const auto proxy = http::parse_proxy("http://user:secret@pro xy");
    REQUIRE_FALSE(proxy);
    CHECK(proxy.error().message.find("secret") == std::string::npos);
}

TEST_CASE("proxy: NO_PROXY names hosts and whole domain suffixes") {
    CHECK(http::bypasses_proxy("localhost, .amazonaws.com", "sqs.eu-west-1.AMAZONAWS.com"));
    CHECK(http::bypasses_proxy("amazonaws.com", "ec2.amazonaws.com"));
    CHECK(http::bypasses_proxy("169.254.169.254", "169.254.169.254"));
    CHECK(http::bypasses_proxy("*", "anything"));
    CHECK_FALSE(http::bypasses_proxy("aws.com", "amazonaws.com"));
    CHECK_FALSE(http::bypasses_proxy("", "host"));
    CHECK_FALSE(http::bypasses_proxy(" ,", "host"));
}
