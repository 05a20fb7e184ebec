#include "web/queued.hpp"

#include <doctest/doctest.h>

TEST_CASE("queued commands: found by uid, and the newest by name") {
    web::Queued queued;
    queued.add({"u1", "a", "x", {}});
    queued.add({"u2", "a", "y", {}});
    REQUIRE(queued.find("u1") != nullptr);
    CHECK(queued.find("u1")->payload_sha256 == "x");
    REQUIRE(queued.newest_of("a") != nullptr);
    CHECK(queued.newest_of("a")->uid == "u2");
    CHECK(queued.find("u3") == nullptr);
    CHECK(queued.newest_of("b") == nullptr);
}

TEST_CASE("queued commands: the oldest is forgotten first") {
    web::Queued queued(2);
    queued.add({"u1", "a", "x", {}});
    queued.add({"u2", "a", "x", {}});
    queued.add({"u3", "b", "x", {}});
    CHECK(queued.find("u1") == nullptr);
    CHECK(queued.newest_of("a")->uid == "u2");
    queued.add({"u4", "c", "x", {}});
    CHECK(queued.newest_of("a") == nullptr);
    CHECK(queued.newest_of("b")->uid == "u3");
}
