#include "app/ask.hpp"

#include <doctest/doctest.h>

TEST_CASE("ask: a server that listens everywhere is asked on loopback") {
    CHECK(app::address_to_ask("0.0.0.0") == "127.0.0.1");
    CHECK(app::address_to_ask("::") == "::1");
}

TEST_CASE("ask: a server that listens on one address is asked there") {
    CHECK(app::address_to_ask("127.0.0.1") == "127.0.0.1");
    CHECK(app::address_to_ask("10.1.2.3") == "10.1.2.3");
    CHECK(app::address_to_ask("::1") == "::1");
}
