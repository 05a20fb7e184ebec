#include "fleet/launch.hpp"
#include "fleet/retirement.hpp"
#include "simulation/manager.hpp"

/// Publishing, as the program's publisher does it: EC2 is asked just before, what is sent is durable first,
/// and only what stands there with a value of ours is deleted.
namespace simulation {

using namespace fleet;

namespace {

constexpr Duration in_sync_after_max = 40s;

}  // namespace

void Manager::publish(const Work& work) {
    const auto* record = find(work.name());
    const auto* launch = record ? ready_launch(*record) : nullptr;
    if (!launch || record->retirement) {
        return conclude(work, {{{}, NotYet{work.action.key}}});
    }
    // Its answer is not the action's: the write follows it.
    const auto machine = *launch->machine;
    const auto asked = stage_.now();
    if (stage_.chance.percent(stage_.settings.failed)) {
        return after(latency(), [this, work] { fail(work, "EC2 does not answer"); });
    }
    after(latency(), [this, work, machine, asked] {
        const auto described = world_.read().describe_machine(machine);
        write_record(work, described.value_or(MachineDescribed{}), asked);
    });
}

void Manager::write_record(const Work& work, const MachineDescribed& described, Time asked) {
    const auto& action = work.action;
    checks_.described(described, asked);
    std::optional<DnsWrite> wanted;
    std::string machine;
    std::string key;
    transact([&](Reception& reception) {
        if (ledger_.name_of_machine(described.machine) == work.name()) {
            reception.tell(work.name(), {asked, described});
        }
        const auto* record = find(work.name());
        if (!record || !record->dns(action.side).zone_id) {
            return;
        }
        wanted = wanted_write(*record, action.side);
        const auto* launch = ready_launch(*record);
        const bool fresh = wanted && launch->ec2_state == Ec2State::running && launch->described &&
                           stage_.now() - *launch->described <= policy_.address_age_max;
        if (!fresh) {
            wanted.reset();
            return reception.tell(work.name(), {stage_.now(), NotYet{action.key}});
        }
        machine = *launch->machine;
        key = *dns_key(*record, action.side);
        reception.tell(work.name(), {stage_.now(), UpsertSending{action.side, wanted->generation,
                                                                 wanted->address, wanted->ttl}});
    });
    if (!wanted) {
        return conclude(work, {});
    }
    after(1ms, [this, work, machine, key, write = *wanted] {
        checks_.sending_upsert(machine, work.action.side, write.address);
        call(work, [this, work, key, write] { return take_upsert(work, key, write); });
    });
}

Manager::Facts Manager::take_upsert(const Work& work, const std::string& key, const DnsWrite& write) {
    const auto side = work.action.side;
    if (stage_.chance.percent(stage_.settings.refused)) {
        return {{{}, UpsertRefused{side, "Route 53 says no"}}};
    }
    checks_.upserting(key);
    stage_.story.tell(stage_.now(), "AWS", work.name(), "writes {} to {}", write.address, key);
    const auto change =
        world_.dns.upsert(key, {.address = write.address,
                                .ttl = std::chrono::seconds{write.ttl},
                                .at = stage_.now(),
                                .in_sync_from = stage_.now() + stage_.chance.between(1s, in_sync_after_max)});
    return {{{}, UpsertAccepted{side, write.generation, write.address, change}}};
}

void Manager::remove_record(const Work& work) {
    const auto key = dns_key(*work.record, work.action.side);
    if (!key) {
        return conclude(work, {{{}, RecordLeft{work.action.side, "it was never written"}}});
    }
    call(work, [this, work, key = *key] { return take_removal(work, key); });
}

Manager::Facts Manager::take_removal(const Work& work, const std::string& key) {
    const auto side = work.action.side;
    const auto standing = world_.dns.standing(key);
    const bool ours = standing && (is_ours(work.record->dns(side), standing->address) ||
                                   stage_.mutation == Mutation::anything_is_deleted);
    if (!ours) {
        return {{{}, RecordLeft{side, "it is not ours"}}};
    }
    checks_.removing(key);
    stage_.story.tell(stage_.now(), "AWS", work.name(), "deletes {}", key);
    world_.dns.remove(key, stage_.now(), stage_.now() + stage_.chance.between(1s, in_sync_after_max));
    return {{{}, RecordDeleted{side, standing->address}}};
}

}  // namespace simulation
