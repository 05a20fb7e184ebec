#include "simulation/world.hpp"

#include "fleet/launch.hpp"
#include "simulation/messages.hpp"

namespace simulation {

using fleet::Ec2State;
using fleet::RequestState;

namespace {

constexpr Duration reads_lag_by = 30s;
constexpr Duration looks_for_capacity_every = 20s;

}  // namespace

World::World(Stage& stage) : stage_(stage) {
    const ModelImage named{.state = fleet::ImageState::available};
    ec2.images = {{first_image, named}, {second_image, named}};
    ec2.images.at(second_image).is_bad = true;
}

const ModelEc2& World::read() {
    if (!stage_.chance.percent(stage_.settings.stale)) {
        return ec2;
    }
    if (stage_.now() - past_since_ > reads_lag_by) {
        past_ = ec2;
        past_since_ = stage_.now();
    }
    return past_;
}

std::string World::take_request(ModelRequest request) {
    const auto name = request.tags.name;
    const auto pool = request.pool;
    const auto id = ec2.make_request(std::move(request));
    tell(name, "takes spot request {} for {}", id, word(pool));
    after(stage_.chance.between(1s, 5s), [this, id] { look_at_request(id); });
    return id;
}

void World::look_at_request(const std::string& id) {
    ec2.pass_time(stage_.now());
    const auto found = ec2.requests.find(id);
    if (found == ec2.requests.end() || found->second.state != RequestState::open) {
        return;
    }
    auto& request = found->second;
    if (!ec2.has_capacity(request.pool, stage_.now())) {
        request.status = "capacity-not-available";
        after(looks_for_capacity_every, [this, id] { look_at_request(id); });
        return;
    }
    ModelMachine machine{.request = id,
                         .image = request.image,
                         .public_ip = request.public_ip,
                         .tags = request.tags,
                         .pool = request.pool};
    const auto machine_id = start_machine(std::move(machine));
    send_event("EC2 Spot Instance Request Fulfillment",
               {{"spot-instance-request-id", id}, {"instance-id", machine_id}});
}

std::string World::start_fleet_machine(ModelMachine machine) {
    machine.of_fleet = true;
    if (machine.pool.market == fleet::Market::spot) {
        machine.request =
            ec2.make_request({.pool = machine.pool, .made = stage_.now(), .valid_until = stage_.now()});
    } else {
        // Whoever pays so much may look for something better.
        machine.may_be_replaced = true;
    }
    const auto request = machine.request;
    const auto id = start_machine(std::move(machine));
    if (!request.empty()) {
        send_event("EC2 Spot Instance Request Fulfillment",
                   {{"spot-instance-request-id", request}, {"instance-id", id}});
    }
    return id;
}

std::string World::start_machine(ModelMachine machine) {
    machine.launched = stage_.now();
    machine.changed = stage_.now();
    if (const auto image = ec2.images.find(machine.image); image != ec2.images.end()) {
        machine.is_bad = image->second.is_bad;
    }
    const auto name = machine.tags.name;
    const auto pool = machine.pool;
    const auto id = ec2.make_machine(std::move(machine));
    life_numbers_[id] = lives_.size();
    lives_.push_back({.machine = id,
                      .name = name,
                      .address = *ec2.machines.at(id).addresses.private_,
                      .pool = pool,
                      .launched = stage_.now()});
    tell(name, "starts machine {} in {}", id, word(pool));
    begin_machine(id);
    await_fates(id);
    return id;
}

void World::begin_machine(const std::string& id) {
    set_state(id, Ec2State::pending);
    const auto& how = stage_.settings;
    after(stage_.chance.between(how.starts_min, how.starts_max), [this, id] { run_machine(id); });
}

void World::run_machine(const std::string& id) {
    auto* machine = living(id);
    if (!machine || machine->state != Ec2State::pending) {
        return;
    }
    set_state(id, Ec2State::running);
    machine->runs_since = stage_.now();
    const auto& how = stage_.settings;
    // EC2 may have lost the image since then: what it was is what the machine is.
    if (!machine->is_bad && !stage_.chance.percent(how.never_boots)) {
        after(stage_.chance.between(how.boots_min, how.boots_max), [this, id] { boot_machine(id); });
    }
}

void World::boot_machine(const std::string& id) {
    auto* machine = living(id);
    if (!machine) {
        return;
    }
    machine->answers = true;
    life_of(id).answers = stage_.now();
    tell(machine->tags.name, "machine {} has booted", id);
    report(id);
}

void World::report(const std::string& id) {
    const auto& machine = ec2.machines.at(id);
    if (machine.tags.uid.empty()) {
        return;
    }
    const bool by_session = stage_.chance.percent(50);
    deliver(booted(machine.tags.name, machine.tags.uid, id), by_session ? session_of(id) : "AIDAOTHER");
}

void World::end_machine(const std::string& id) {
    const auto found = ec2.machines.find(id);
    if (found == ec2.machines.end() || found->second.state >= Ec2State::shutting_down) {
        return;
    }
    set_state(id, Ec2State::shutting_down);
    after(stage_.chance.between(5s, 60s), [this, id] {
        if (ec2.machines.contains(id)) {
            set_state(id, Ec2State::terminated);
        }
    });
}

void World::stop_machine(const std::string& id) {
    if (!living(id)) {
        return;
    }
    set_state(id, Ec2State::stopping);
    after(stage_.chance.between(5s, 60s), [this, id] {
        const auto found = ec2.machines.find(id);
        if (found != ec2.machines.end() && found->second.state == Ec2State::stopping) {
            set_state(id, Ec2State::stopped);
        }
    });
}

void World::set_state(const std::string& id, Ec2State state) {
    ec2.set_state(id, state, stage_.now());
    auto& machine = ec2.machines.at(id);
    tell(machine.tags.name, "machine {} is {}", id, fleet::ec2_word(state));
    if (state > Ec2State::running) {
        machine.may_be_replaced = true;
        auto& life = life_of(id);
        life.gone = life.gone.value_or(stage_.now());
    }
    send_state(id);
}

void World::send(const std::string& body, const std::string& sender) {
    const auto copies = stage_.chance.percent(stage_.settings.doubled) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
        // The second of two may come much later.
        const auto wait = stage_.chance.percent(stage_.settings.late) || copy > 0
                              ? stage_.chance.between(0s, stage_.settings.latest * (copy == 0 ? 1 : 6))
                              : stage_.chance.between(5ms, 300ms);
        after(wait, [this, body, sender] {
            queue.send(body, sender, stage_.now());
            on_message();
        });
    }
}

void World::deliver(const std::string& body, const std::string& sender) {
    if (!stage_.chance.percent(stage_.settings.lost)) {
        send(body, sender);
    }
}

void World::send_event(const std::string& type, base::json::object detail, std::optional<Time> at) {
    deliver(event(fmt::format("e-{}", ++next_event_), at.value_or(stage_.now()), type, std::move(detail)),
            eventbridge);
}

void World::send_state(const std::string& id) {
    send_event("EC2 Instance State-change Notification",
               {{"instance-id", id}, {"state", fleet::ec2_word(ec2.machines.at(id).state)}});
}

ModelMachine* World::living(const std::string& id) {
    const auto found = ec2.machines.find(id);
    return found != ec2.machines.end() && found->second.is_alive() ? &found->second : nullptr;
}

Life& World::life_of(const std::string& id) {
    return lives_.at(life_numbers_.at(id));
}

}  // namespace simulation
