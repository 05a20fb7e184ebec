#include "simulation/model_ec2.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace simulation {

using fleet::Ec2State;
using fleet::RequestState;

namespace {

constexpr Duration ended_is_known_for = std::chrono::minutes{20};
constexpr Duration visible_after = std::chrono::seconds{1};

}  // namespace

std::string ModelEc2::make_request(ModelRequest request) {
    auto id = fmt::format("sir-{:08x}", ++next_id_);
    requests[id] = std::move(request);
    return id;
}

std::string ModelEc2::make_machine(ModelMachine machine) {
    auto id = fmt::format("i-{:017x}", ++next_id_);
    machine.addresses = make_addresses();
    if (!machine.public_ip) {
        machine.addresses.public_.reset();
    }
    if (const auto request = requests.find(machine.request); request != requests.end()) {
        request->second.machine = id;
        if (request->second.state == RequestState::open) {
            request->second.state = RequestState::active;
            request->second.status = "fulfilled";
        }
    }
    machines[id] = std::move(machine);
    return id;
}

fleet::Addresses ModelEc2::make_addresses() {
    const int number = ++next_id_;
    const int high = number / 65536;
    const int middle = number / 256 % 256;
    const int low = number % 256;
    return {.private_ = fmt::format("10.{}.{}.{}", high, middle, low),
            .public_ = fmt::format("44.{}.{}.{}", high, middle, low)};
}

const std::string* ModelEc2::find_request(const std::string& token, Time now) const {
    const auto found = std::ranges::find_if(requests, [&](const auto& entry) {
        return entry.second.tags.token == token && entry.second.visible_from <= now;
    });
    return found == requests.end() ? nullptr : &found->first;
}

const std::string* ModelEc2::find_fleet_machine(const std::string& token, Time now) const {
    const auto found = std::ranges::find_if(machines, [&](const auto& entry) {
        const auto& machine = entry.second;
        return machine.of_fleet && machine.tags.token == token && machine.launched + visible_after <= now;
    });
    return found == machines.end() ? nullptr : &found->first;
}

bool ModelEc2::has_capacity(const fleet::Pool& pool, Time now) const {
    const auto dry = dry_until.find(word(pool));
    return dry == dry_until.end() || dry->second <= now;
}

void ModelEc2::set_state(const std::string& machine, Ec2State state, Time now) {
    auto& known = machines.at(machine);
    known.state = state;
    known.changed = now;
    const auto request = requests.find(known.request);
    if (state >= Ec2State::shutting_down && request != requests.end() &&
        request->second.state == RequestState::active) {
        request->second.state = RequestState::closed;
        request->second.status = "instance-terminated-by-user";
    }
}

void ModelEc2::pass_time(Time now) {
    for (auto& [id, request] : requests) {
        if (request.state == RequestState::open && request.valid_until <= now) {
            request.state = RequestState::cancelled;
            request.status = "schedule-expired";
        }
    }
    std::erase_if(machines, [&](const auto& entry) {
        return entry.second.state == Ec2State::terminated && now - entry.second.changed > ended_is_known_for;
    });
    std::erase_if(requests, [&](const auto& entry) {
        const auto& request = entry.second;
        const bool ended = request.state > RequestState::active;
        const bool machine_is_known = request.machine && machines.contains(*request.machine);
        return ended && !machine_is_known && now > request.valid_until + ended_is_known_for;
    });
}

fleet::RequestDescribed ModelEc2::describe_request(const std::string& id) const {
    const auto& request = requests.at(id);
    return {.request = id, .state = request.state, .status = request.status, .machine = request.machine};
}

std::optional<fleet::MachineDescribed> ModelEc2::describe_machine(const std::string& id) const {
    const auto found = machines.find(id);
    if (found == machines.end()) {
        return std::nullopt;
    }
    const auto& machine = found->second;
    const bool has_address = machine.state == Ec2State::running;
    return fleet::MachineDescribed{
        .machine = id,
        .state = machine.state,
        .addresses = has_address ? machine.addresses : fleet::Addresses{},
        .request = machine.request.empty() ? std::nullopt : std::optional{machine.request}};
}

std::size_t ModelEc2::spot_in_use() const {
    const auto open = std::ranges::count_if(requests, [](const auto& entry) {
        return entry.second.state == RequestState::open && !entry.second.machine;
    });
    const auto living = std::ranges::count_if(machines, [](const auto& entry) {
        return entry.second.is_alive() && entry.second.pool.market == fleet::Market::spot;
    });
    return static_cast<std::size_t>(open + living);
}

Time ModelEc2::asked_for(const ModelMachine& machine) const {
    const auto request = requests.find(machine.request);
    return request == requests.end() ? machine.launched : std::min(request->second.made, machine.launched);
}

bool ModelEc2::is_alive(const ModelRequest& request) const {
    if (request.state == RequestState::open) {
        return true;
    }
    const auto machine = request.machine ? machines.find(*request.machine) : machines.end();
    return machine != machines.end() && machine->second.is_alive() && machine->second.is_ours();
}

std::string word(const fleet::Pool& pool) {
    return pool.instance_type + " in " + pool.subnet_id +
           (pool.market == fleet::Market::on_demand ? " on demand" : "");
}

}  // namespace simulation
