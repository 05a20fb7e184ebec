#include "fleet/orphans.hpp"

#include "story.hpp"

using namespace story;

namespace {

Stray stray(int generation, const std::string& token = "") {
    return {.id = "sir-9",
            .name = "lms-chen",
            .uid = "uid-1",
            .generation = generation,
            .token = token,
            .since = start - 1h};
}

}  // namespace

TEST_CASE("orphans: an attempt that has no answer takes in what carries its token") {
    Story s;
    CHECK_FALSE(can_adopt(s.record, stray(1)));  // nothing was sent
    s.learn(AttemptSending{1, 1});
    CHECK(can_adopt(s.record, stray(1)));
    CHECK(can_adopt(s.record, stray(1, s.attempt().token)));
    CHECK_FALSE(can_adopt(s.record, stray(1, "another")));
    s.learn(AttemptAnswered{1, 1, "sir-1"});
    CHECK_FALSE(can_adopt(s.record, stray(1, s.attempt().token)));
}

TEST_CASE("orphans: a launch that the record does not know yet is taken in, an older one is not") {
    Story s;
    s.serve(1);
    CHECK(can_adopt(s.record, stray(2)));
    s.record.launches[0].generation = 5;
    CHECK_FALSE(can_adopt(s.record, stray(4)));
    CHECK_FALSE(can_adopt(s.record, stray(0)));
    CHECK_FALSE(can_adopt(s.record, stray(2'000'000'000)));
    auto untold = stray(7);
    untold.generation.reset();
    CHECK_FALSE(can_adopt(s.record, untold));
}

TEST_CASE(
    "orphans: nothing is ended but what is of a name that this store retired, when it is asked for, and "
    "late") {
    Policy policy;
    policy.end_orphans = true;
    policy.orphan_grace = 1h;
    const auto now = start + 10h;
    const Grave grave{.at = start, .kept = std::nullopt};
    const auto fate = [&](const std::optional<Grave>& of, Time first_seen, const Policy& by) {
        return fate_of(stray(1), nullptr, of, first_seen, now, by);
    };
    CHECK(fate(grave, start, policy) == Fate::end);
    CHECK(fate(std::nullopt, start, policy) == Fate::report);
    CHECK(fate(grave, now - 30min, policy) == Fate::report);
    CHECK(fate(Grave{.at = now - 30min, .kept = {}}, start, policy) == Fate::report);
    CHECK(fate(Grave{.at = start, .kept = "sir-9"}, start, policy) == Fate::report);
    CHECK(fate(grave, start, Policy{}) == Fate::report);
    // The name is registered again under the same uid: it is not gone.
    Story s;
    s.serve(1);
    CHECK(fate_of(stray(1), &s.record, grave, start, now, policy) == Fate::report);
}

TEST_CASE("orphans: what is young may have a record on its way") {
    auto young = stray(1);
    young.since = start;
    CHECK(fate_of(young, nullptr, std::nullopt, start, start + 30s, {}) == Fate::wait);
    CHECK(fate_of(young, nullptr, std::nullopt, start, start + 61s, {}) == Fate::report);
    young.since.reset();
    CHECK(fate_of(young, nullptr, std::nullopt, start, start, {}) == Fate::report);
}
