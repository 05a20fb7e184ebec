#include "http/url.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("url: origin and target") {
    const auto url = http::parse_url("https://SQS.eu-west-1.amazonaws.com/123/queue?a=b%20c");
    REQUIRE(url);
    CHECK(url->origin == http::Origin{true, "sqs.eu-west-1.amazonaws.com", 443});
    CHECK(url->target == "/123/queue?a=b%20c");
    CHECK(http::host_header(url->origin) == "sqs.eu-west-1.amazonaws.com");

    CHECK(http::parse_url("http://localhost:4566")->target == "/");
    CHECK(http::parse_url("http://localhost?x=1")->target == "/?x=1");
    CHECK(http::host_header(http::parse_url("http://localhost:4566")->origin) == "localhost:4566");
}

TEST_CASE("url: an IPv6 address loses its brackets and gets them back") {
    const auto url = http::parse_url("http://[::1]:8080/");
    REQUIRE(url);
    CHECK(url->origin.host == "::1");
    CHECK(http::host_header(url->origin) == "[::1]:8080");
}

TEST_CASE("url: what is no URL is refused in a sentence that names it") {
    for (const std::string wrong :
         {"", "localhost:80", "ftp://host/", "http://", "http://host:99999/", "http://host:0/",
          "http://u:p@host/", "http://host/#part", "http://ho st/", "/path"}) {
        const auto url = http::parse_url(wrong);
        REQUIRE_MESSAGE(!url, wrong);
        CHECK(url.error().message.find(wrong) != std::string::npos);
    }
}
