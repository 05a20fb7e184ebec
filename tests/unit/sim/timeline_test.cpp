#include "sim/timeline.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;

TEST_CASE("sim timeline: what is due happens in order, each at its own time") {
    sim::Timeline timeline{base::Time{}};
    std::string happened;
    timeline.after(2s, [&] { happened += "b"; });
    timeline.after(1s, [&] {
        happened += "a";
        CHECK(timeline.now() == base::Time{1s});
        timeline.after(1s, [&] { happened += "c"; });
        timeline.after(5s, [&] { happened += "late"; });
    });
    timeline.advance_to(base::Time{3s});
    CHECK(happened == "abc");
    CHECK(timeline.now() == base::Time{3s});
    CHECK(timeline.next() == base::Time{6s});
}

TEST_CASE("sim timeline: time never runs backwards") {
    sim::Timeline timeline{base::Time{5s}};
    timeline.advance_to(base::Time{3s});
    CHECK(timeline.now() == base::Time{5s});
}

TEST_CASE("sim timeline: it tells when something earlier than all else is planned") {
    sim::Timeline timeline{base::Time{}};
    int told = 0;
    timeline.on_earlier = [&told] { ++told; };
    timeline.after(2s, [] {});
    timeline.after(3s, [] {});
    timeline.after(1s, [] {});
    CHECK(told == 2);
}
