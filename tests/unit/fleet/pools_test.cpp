#include "fleet/pools.hpp"

#include "unit/fleet/story.hpp"

using namespace story;

namespace {

const Pool small_1{"t3.small", "subnet-1"};
const Pool small_2{"t3.small", "subnet-2"};
const Pool large_1{"t3.large", "subnet-1"};

PoolHealth avoided(const Pool& pool, Duration for_) {
    return {pool, 1, start + for_, "no capacity"};
}

}  // namespace

TEST_CASE("pools: every machine type in every subnet, in the spec's order") {
    auto spec = a_spec();
    spec.instance_types = {"t3.small", "t3.large"};
    spec.subnet_ids = {"subnet-1", "subnet-2"};
    const auto pools = pools_of(spec, Market::on_demand);
    REQUIRE(pools.size() == 4);
    CHECK(pools[1] == Pool{"t3.small", "subnet-2", Market::on_demand});
    CHECK(pools[2] == Pool{"t3.large", "subnet-1", Market::on_demand});
}

TEST_CASE("pools: those that are avoided are left out, with the reason") {
    const auto choice =
        choose_pools({small_1, small_2, large_1}, {.health = {avoided(small_2, 5min)}}, start);
    CHECK(choice.pools == std::vector{small_1, large_1});
    CHECK(choice.left_out == "t3.small in subnet-2 (no capacity, avoided until 2026-01-15T12:05:00Z)");
    CHECK(choose_pools({small_1, small_2}, {.health = {avoided(small_2, 5min)}}, start + 5min).pools.size() ==
          2);
}

TEST_CASE("pools: when all are avoided, all are asked") {
    const auto choice =
        choose_pools({small_1, small_2}, {.health = {avoided(small_1, 1min), avoided(small_2, 1h)}}, start);
    CHECK(choice.pools.size() == 2);
    CHECK(choice.left_out.empty());
}

TEST_CASE("pools: a neighbour's pool and the one that gave the notice are left out while there is another") {
    PoolView view{.health = {}, .neighbours = {small_1}, .threatened = {small_2}};
    CHECK(choose_pools({small_1, small_2, large_1}, view, start).pools == std::vector{large_1});
    // The wish to leave the threatened pool is given up first, then that for other pools than the group's.
    CHECK(choose_pools({small_1, small_2}, view, start).pools == std::vector{small_2});
    view.threatened = {small_1};
    CHECK(choose_pools({small_1}, view, start).pools == std::vector{small_1});
    view.health = {avoided(small_2, 1min)};
    CHECK(choose_pools({small_1, small_2}, view, start).pools == std::vector{small_1});
}

TEST_CASE("pools: one that fails again after its time is avoided longer, up to a bound") {
    Policy policy;
    std::vector<PoolHealth> health;
    Time now = start;
    Duration last{};
    for (int round = 1; round <= 8; ++round) {
        health = {avoid(small_1, "no capacity", health, now, policy)};
        CHECK(health[0].failures == round);
        const auto wait = *health[0].avoid_until - now;
        CHECK(wait >= policy.avoid_first / 2);
        CHECK(wait <= policy.avoid_max);
        if (round <= 4) {
            CHECK(wait > last);
        }
        last = wait;
        now = *health[0].avoid_until + 1s;
    }
    CHECK(avoid(small_1, "no capacity", health, now + policy.avoid_max, policy).failures == 1);
}

TEST_CASE("pools: a storm of notices from one pool is one failure of it") {
    const Policy policy;
    std::vector<PoolHealth> health;
    for (int notice = 0; notice < 50; ++notice) {
        health = {avoid(small_1, "a notice there", health, start + notice * 20ms, policy)};
    }
    CHECK(health[0].failures == 1);
    CHECK(*health[0].avoid_until <= start + 1s + policy.avoid_first);
    CHECK(count_avoided(health, start + 1s) == 1);
    CHECK(count_avoided(health, start + policy.avoid_max) == 0);
}

TEST_CASE("pools: a machine forgives its pool once the time of avoiding is over") {
    const std::vector health{avoided(small_1, 5min)};
    CHECK_FALSE(with_capacity(small_1, health, start));
    CHECK_FALSE(with_capacity(small_2, health, start));
    const auto forgiven = with_capacity(small_1, health, start + 5min);
    REQUIRE(forgiven);
    CHECK(*forgiven == PoolHealth{small_1, 0, std::nullopt});
    CHECK_FALSE(with_capacity(small_1, {*forgiven}, start + 6min));
}
