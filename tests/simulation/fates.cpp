#include "simulation/messages.hpp"
#include "simulation/world.hpp"

/// What happens to machines: they are taken away, stopped, fail; and what others do.
namespace simulation {

namespace {

constexpr Duration notice_time = 2min;

}  // namespace

void World::await_fates(const std::string& id) {
    const auto& how = stage_.settings;
    if (how.taken_once_in > 0s) {
        const auto wait = stage_.chance.once_in(how.taken_once_in);
        after(wait, [this, id] { take_machine(id); });
        if (stage_.chance.percent(how.advised_before)) {
            after(wait - stage_.chance.between(1min, 30min), [this, id] { advise(id); });
        }
    }
    if (how.advised_in_vain > 0s) {
        after(stage_.chance.once_in(how.advised_in_vain), [this, id] { advise(id); });
    }
    if (how.mischief_once_in > 0s) {
        after(stage_.chance.once_in(how.mischief_once_in), [this, id] { do_mischief(id); });
    }
}

void World::advise(const std::string& id) {
    auto* machine = living(id);
    if (!machine || stage_.settings.taken_once_in == 0s) {
        return;
    }
    machine->may_be_replaced = true;
    tell(machine->tags.name, "recommends to replace machine {}", id);
    send_event("EC2 Instance Rebalance Recommendation", {{"instance-id", id}});
}

void World::take_machine(const std::string& id) {
    auto* machine = living(id);
    if (!machine || machine->terminate_by || stage_.settings.taken_once_in == 0s) {
        return;
    }
    const auto& how = stage_.settings;
    machine->may_be_replaced = true;
    machine->terminate_by = stage_.now() + notice_time;
    life_of(id).taken = stage_.now();
    if (const auto request = ec2.requests.find(machine->request); request != ec2.requests.end()) {
        request->second.status = "marked-for-termination";
    }
    if (stage_.chance.percent(how.dries_up)) {
        dry_up(machine->pool);
    }
    const bool missing = stage_.chance.percent(how.notice_missing);
    const bool late = stage_.chance.percent(how.notice_late);
    const auto wait = late ? stage_.chance.between(5s, notice_time - 5s) : stage_.chance.between(0s, 2s);
    tell(machine->tags.name, "will take machine {} in two minutes{}", id,
         missing ? ", and does not say so"
         : late  ? ", and says so late"
                 : "");
    if (!missing) {
        const auto decided = stage_.now();
        after(wait, [this, id, decided] {
            // Either time is seen: of the decision, and of the event.
            const auto at = stage_.chance.percent(50) ? decided : stage_.now();
            send_event("EC2 Spot Instance Interruption Warning",
                       {{"instance-id", id}, {"instance-action", "terminate"}}, at);
        });
    }
    after(notice_time, [this, id] { end_machine(id); });
}

void World::dry_up(const fleet::Pool& pool) {
    const auto until = stage_.now() + stage_.chance.between(1min, 15min);
    ec2.dry_until[word(pool)] = until;
    tell("", "{} has no capacity until {}", word(pool), base::format_time(until));
}

void World::begin_droughts() {
    const auto once_in = stage_.settings.drought_once_in;
    if (once_in == 0s) {
        return;
    }
    after(stage_.chance.once_in(once_in), [this] {
        const auto& requests = ec2.requests;
        if (stage_.settings.drought_once_in > 0s && !requests.empty()) {
            const auto index = static_cast<std::ptrdiff_t>(stage_.chance.below(requests.size()));
            dry_up(std::next(requests.begin(), index)->second.pool);
        }
        begin_droughts();
    });
}

void World::do_mischief(const std::string& id) {
    auto* machine = living(id);
    if (!machine || stage_.settings.mischief_once_in == 0s) {
        return;
    }
    const auto& name = machine->tags.name;
    switch (stage_.chance.below(9)) {
        case 0:
            tell(name, "a person stops machine {}", id);
            after(stage_.chance.between(10s, 10min), [this, id, again = stage_.chance.percent(50)] {
                if (again) {
                    restart_machine(id);
                }
            });
            return stop_machine(id);
        case 1:
            tell(name, "a person ends machine {}", id);
            return end_machine(id);
        case 2:
            tell(name, "machine {} dies without a word", id);
            return end_machine(id);
        case 3:
            tell(name, "an event says what is not true: machine {} is terminated", id);
            return send_event("EC2 Instance State-change Notification",
                              {{"instance-id", id}, {"state", "terminated"}});
        case 4:
            // The public address of a running machine changes: an Elastic IP.
            machine->addresses.public_ = ec2.make_addresses().public_;
            return tell(name, "machine {} has a new public address, {}", id, *machine->addresses.public_);
        case 5:
            tell(name, "the service of machine {} fails", id);
            machine->answers = false;
            machine->may_be_replaced = true;
            return;
        case 6:
            tell(name, "EC2's status checks of machine {} fail", id);
            machine->impaired = true;
            machine->may_be_replaced = true;
            return;
        case 7:
            return plan_stop(id);
        default:
            return advise(id);
    }
}

void World::plan_stop(const std::string& id) {
    auto& machine = ec2.machines.at(id);
    const auto wait = stage_.chance.between(5min, 60min);
    machine.stops_at = stage_.now() + wait;
    machine.may_be_replaced = true;
    tell(machine.tags.name, "will stop machine {} at {}", id, base::format_time(*machine.stops_at));
    deliver(planned_stop(fmt::format("e-{}", ++next_event_), stage_.now(), id, *machine.stops_at),
            eventbridge);
    after(wait, [this, id] { stop_machine(id); });
}

/// It keeps its private address, gets another public one, and boots again.
void World::restart_machine(const std::string& id) {
    const auto found = ec2.machines.find(id);
    if (found == ec2.machines.end() || found->second.state != fleet::Ec2State::stopped) {
        return;
    }
    auto& machine = found->second;
    tell(machine.tags.name, "a person starts machine {} again", id);
    machine.answers = false;
    if (machine.addresses.public_) {
        machine.addresses.public_ = ec2.make_addresses().public_;
    }
    begin_machine(id);
}

void World::calm_down() {
    const auto how = stage_.settings;
    stage_.settings = {.boots_min = how.boots_min,
                       .boots_max = how.boots_max,
                       .replacements_at_once = how.replacements_at_once};
    ec2.dry_until.clear();
    ec2.images.at(second_image).is_bad = false;
    for (auto& [id, machine] : ec2.machines) {
        machine.answers = life_of(id).answers.has_value();
        machine.impaired = false;
    }
    tell("", "is kind from here on");
}

void World::begin_strangers() {
    if (stage_.settings.strangers_once_in == 0s) {
        return;
    }
    after(stage_.chance.once_in(stage_.settings.strangers_once_in), [this] {
        if (stage_.settings.strangers_once_in == 0s) {
            return;
        }
        if (stage_.chance.percent(30)) {
            remove_some_image();
        } else if (stage_.chance.percent(50)) {
            start_machine({.pool = {.instance_type = "m5.large", .subnet_id = "subnet-0"}});
        } else if (!dns.writes().empty()) {
            const auto& writes = dns.writes();
            const auto key =
                std::next(writes.begin(), static_cast<std::ptrdiff_t>(stage_.chance.below(writes.size())))
                    ->first;
            tell("", "somebody writes 198.51.100.66 to {}", key);
            dns.upsert(key, {.address = "198.51.100.66",
                             .ttl = 30s,
                             .at = stage_.now(),
                             .in_sync_from = stage_.now(),
                             .ours = false});
        }
        begin_strangers();
    });
}

}  // namespace simulation
