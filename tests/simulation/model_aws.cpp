#include "simulation/model_aws.hpp"

#include <algorithm>

namespace simulation {

using fleet::Ec2State;
using fleet::RequestState;

namespace {

constexpr Duration machines_are_kept = std::chrono::minutes{10};

}  // namespace

std::string ModelAws::request(const std::string& token, int generation, Time valid_until, Time visible_from) {
    for (const auto& [id, request] : requests) {
        if (request.token == token) {
            return id;
        }
    }
    const auto id = "sir-" + std::to_string(++next_id_);
    requests[id] = {
        .token = token, .generation = generation, .valid_until = valid_until, .visible_from = visible_from};
    return id;
}

const ModelRequest* ModelAws::find_by_token(const std::string& token, Time now, std::string& id) const {
    const auto found = std::ranges::find_if(requests, [&](const auto& entry) {
        return entry.second.token == token && entry.second.visible_from <= now;
    });
    if (found == requests.end()) {
        return nullptr;
    }
    id = found->first;
    return &found->second;
}

std::string ModelAws::fulfil(const std::string& request, Time now) {
    const auto number = std::to_string(++next_id_);
    const auto id = "i-" + number;
    auto& fulfilled = requests.at(request);
    fulfilled.machine = id;
    if (fulfilled.state == RequestState::open) {
        fulfilled.state = RequestState::active;
    }
    machines[id] = {.request = request,
                    .generation = fulfilled.generation,
                    .addresses = {.private_ = "10.0." + number, .public_ = "203.0." + number},
                    .changed = now};
    return id;
}

void ModelAws::set_state(const std::string& machine, Ec2State state, Time now) {
    auto& known = machines.at(machine);
    known.state = state;
    known.changed = now;
    auto& request = requests.at(known.request);
    if (state >= Ec2State::shutting_down && request.state == RequestState::active) {
        request.state = RequestState::closed;
    }
}

void ModelAws::pass_time(Time now) {
    for (auto& [id, request] : requests) {
        if (request.state == RequestState::open && request.valid_until <= now) {
            request.state = RequestState::cancelled;
        }
    }
    std::erase_if(machines, [&](const auto& entry) {
        return entry.second.state == Ec2State::terminated && now - entry.second.changed > machines_are_kept;
    });
}

std::string ModelAws::upsert(fleet::Side side, const std::string& address, Duration ttl, Time in_sync_from) {
    dns[side].push_back({address, ttl, in_sync_from});
    auto id = "C" + std::to_string(++next_id_);
    changes[id] = in_sync_from;
    return id;
}

std::optional<ModelWrite> ModelAws::standing(fleet::Side side) const {
    const auto found = dns.find(side);
    if (found == dns.end() || found->second.empty() || found->second.back().address.empty()) {
        return std::nullopt;
    }
    return found->second.back();
}

void ModelAws::remove(fleet::Side side, Time now) {
    dns[side].push_back({.in_sync_from = now});
}

fleet::RequestDescribed ModelAws::describe_request(const std::string& id) const {
    const auto& request = requests.at(id);
    return {.request = id, .state = request.state, .status = "as it is", .machine = request.machine};
}

std::optional<fleet::MachineDescribed> ModelAws::describe_machine(const std::string& id) const {
    const auto found = machines.find(id);
    if (found == machines.end()) {
        return std::nullopt;
    }
    const auto& machine = found->second;
    const bool has_address = machine.state == Ec2State::running;
    return fleet::MachineDescribed{.machine = id,
                                   .state = machine.state,
                                   .addresses = has_address ? machine.addresses : fleet::Addresses{}};
}

bool ModelAws::resolves(const std::string& address, Time now) const {
    return std::ranges::any_of(dns, [&](const auto& entry) {
        const auto& writes = entry.second;
        for (std::size_t i = 0; i < writes.size(); ++i) {
            const bool newest = i + 1 == writes.size();
            const bool held = newest || writes[i + 1].in_sync_from + writes[i].ttl > now;
            if (held && writes[i].address == address) {
                return true;
            }
        }
        return false;
    });
}

bool ModelAws::is_alive(const std::string& request) const {
    const auto& known = requests.at(request);
    if (known.state == RequestState::open) {
        return true;
    }
    const auto machine = known.machine ? machines.find(*known.machine) : machines.end();
    return machine != machines.end() && machine->second.state <= Ec2State::running;
}

}  // namespace simulation
