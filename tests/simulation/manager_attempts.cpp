#include <algorithm>

#include "fleet/launch.hpp"
#include "simulation/manager.hpp"

/// The calls that ask for machines: spot requests and instant fleets.
namespace simulation {

using namespace fleet;

namespace {

Fact no_image(const Action& action) {
    return now_that(AttemptRefused{.generation = action.generation,
                                   .attempt = action.attempt,
                                   .reason = "InvalidAMIID.NotFound",
                                   .no_image = true});
}

}  // namespace

Tags Manager::tags_of(const Work& work, const Attempt& attempt) {
    return {.name = work.name(),
            .uid = work.record->uid,
            .generation = work.action.generation,
            .token = attempt.token,
            .test = std::ranges::find(work.record->tests, work.action.generation, &Launch::generation) !=
                    work.record->tests.end()};
}

void Manager::ask_for_machine(const Work& work) {
    const auto& action = work.action;
    if (stage_.mutation != Mutation::sent_before_durable) {
        tell(work.name(), {now_that(AttemptSending{action.generation, action.attempt})});
    }
    const auto* record = find(work.name());
    auto known = record && record->uid == work.record->uid ? *record : Record{};
    auto* launch = find_by_generation(known, action.generation);
    const auto* attempt = launch ? find_attempt(*launch, action.attempt) : nullptr;
    const bool durable = attempt && (attempt->sent || stage_.mutation == Mutation::sent_before_durable);
    if (!durable || attempt->closed || attempt->answered) {
        return conclude(work, {});
    }
    after(1ms, [this, work, attempt = *attempt] {
        checks_.sending_request(work.name(), work.action.generation, work.action.attempt);
        call(work, [this, work, attempt] {
            return attempt.by == Asking::fleet ? take_fleet(work, attempt) : take_request(work, attempt);
        });
    });
}

bool Manager::is_over_quota() const {
    return stage_.settings.quota > 0 && world_.ec2.spot_in_use() >= stage_.settings.quota;
}

Manager::Facts Manager::take_request(const Work& work, const Attempt& attempt) {
    const auto& action = work.action;
    if (const auto* known = world_.ec2.find_request(attempt.token, Time::max())) {
        return {now_that(AttemptAnswered{action.generation, action.attempt, *known}),
                now_that(world_.ec2.describe_request(*known))};
    }
    if (attempt.valid_until <= stage_.now() || stage_.chance.percent(stage_.settings.refused)) {
        const bool no_capacity = stage_.chance.percent(50);
        return {now_that(AttemptRefused{action.generation, action.attempt, no_capacity, "EC2 says no"})};
    }
    if (!world_.ec2.has_image(attempt.image_id)) {
        return {no_image(action)};
    }
    if (is_over_quota()) {
        return {now_that(AttemptRefused{action.generation, action.attempt, false,
                                        "the account's quota of spot machines is used up"})};
    }
    ModelRequest request{.tags = tags_of(work, attempt),
                         .image = attempt.image_id,
                         .pool = attempt.pool,
                         .public_ip = work.record->spec.public_ip,
                         .made = stage_.now(),
                         .valid_until = attempt.valid_until,
                         .visible_from = stage_.now() + stage_.chance.between(0s, 2s)};
    checks_.requesting(request.tags);
    const auto id = world_.take_request(std::move(request));
    return {now_that(AttemptAnswered{action.generation, action.attempt, id}),
            now_that(world_.ec2.describe_request(id))};
}

void Manager::look_up(const Work& work) {
    const auto token = attempt_token(work.record->uid, work.action.generation, work.action.attempt);
    call(work, [this, action = work.action, token]() -> Facts {
        const auto& seen = world_.read();
        if (const auto* id = seen.find_fleet_machine(token, stage_.now())) {
            return {now_that(FleetAnswered{action.generation, action.attempt, "", *id,
                                           seen.machines.at(*id).pool}),
                    now_that(*seen.describe_machine(*id))};
        }
        if (const auto* id = seen.find_request(token, stage_.now())) {
            return {now_that(AttemptAnswered{action.generation, action.attempt, *id}),
                    now_that(seen.describe_request(*id))};
        }
        return {now_that(AttemptNotFound{action.generation, action.attempt})};
    });
}

Manager::Facts Manager::take_template(const Work& work) {
    auto& versions = world_.ec2.templates[work.record->uid];
    const auto revision = work.record->spec_revision;
    auto known = std::ranges::find(versions, revision);
    if (known == versions.end()) {
        known = versions.insert(versions.end(), revision);
    }
    return {now_that(TemplateMade{
        {.id = "lt-" + work.record->uid, .version = known - versions.begin() + 1, .revision = revision}})};
}

Manager::Facts Manager::take_fleet(const Work& work, const Attempt& attempt) {
    const auto& action = work.action;
    auto& ec2 = world_.ec2;
    if (const auto known = ec2.fleets.find(attempt.token); known != ec2.fleets.end()) {
        return fleet_answer(action, known->second, {});
    }
    const auto refused = [&](std::vector<Pool> pools, std::string reason) -> Facts {
        const bool no_capacity = !pools.empty();
        return {now_that(AttemptRefused{action.generation, action.attempt, no_capacity, std::move(reason),
                                        std::move(pools)})};
    };
    const auto& made = work.record->launch_template;
    const auto known = ec2.templates.find(work.record->uid);
    if (!made || known == ec2.templates.end()) {
        auto facts = refused({}, "the launch template is not found");
        facts.insert(facts.begin(), now_that(TemplateGone{}));
        return facts;
    }
    if (known->second.at(static_cast<std::size_t>(made->version - 1)) != attempt.spec_revision) {
        stage_.violated("rule 2: a fleet of " + work.name() +
                        " is asked for with another revision's template");
    }
    if (stage_.chance.percent(stage_.settings.refused)) {
        return refused({}, "EC2 says no");
    }
    if (!ec2.has_image(attempt.image_id)) {
        return {no_image(action)};
    }
    if (attempt.pool.market == Market::spot && is_over_quota()) {
        return refused({}, "the account's quota of spot machines is used up");
    }
    std::vector<Pool> dry;
    std::vector<Pool> wet;
    for (const auto& pool : attempt.pools) {
        (ec2.has_capacity(pool, stage_.now()) ? wet : dry).push_back(pool);
    }
    ModelFleet fleet{.id = ec2.make_fleet_id()};
    if (wet.empty()) {
        ec2.fleets[attempt.token] = fleet;
        return refused(dry, "no capacity in any pool");
    }
    const auto tags = tags_of(work, attempt);
    checks_.requesting(tags);
    fleet.machine = world_.start_fleet_machine({.image = attempt.image_id,
                                                .public_ip = work.record->spec.public_ip,
                                                .tags = tags,
                                                .pool = stage_.chance.one_of(wet)});
    ec2.fleets[attempt.token] = fleet;
    return fleet_answer(action, fleet, dry);
}

Manager::Facts Manager::fleet_answer(const Action& action, const ModelFleet& fleet, std::vector<Pool> dry) {
    const auto machine = world_.ec2.machines.find(fleet.machine);
    if (machine == world_.ec2.machines.end()) {
        return {now_that(
            AttemptRefused{action.generation, action.attempt, false, "there was nothing to be had"})};
    }
    return {now_that(FleetAnswered{action.generation, action.attempt, fleet.id, fleet.machine,
                                   machine->second.pool, std::move(dry)})};
}

}  // namespace simulation
