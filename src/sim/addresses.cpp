#include "sim/addresses.hpp"

#include "sim/ids.hpp"

namespace sim {

const ElasticAddress& Addresses::allocate() {
    ElasticAddress made{.allocation_id = resource_id("eipalloc-"),
                        .address = elastic_address(allocated_++),
                        .association_id = {},
                        .machine_id = {}};
    return addresses_.emplace(made.allocation_id, made).first->second;
}

Answer<ElasticAddress> Addresses::associate(const std::string& allocation_id, const std::string& machine_id,
                                            bool may_move) {
    const auto found = find(allocation_id);
    if (!found) {
        return std::unexpected(found.error());
    }
    auto& address = **found;
    auto* machine = machines_.find(machine_id);
    if (machine == nullptr) {
        return refuse("InvalidInstanceID.NotFound", "The instance ID '" + machine_id + "' does not exist");
    }
    if (machine->state != MachineState::running && machine->state != MachineState::stopped) {
        return refuse("IncorrectInstanceState",
                      "The instance '" + machine_id + "' is not in a valid state for this operation.");
    }
    if (address.machine_id == machine_id) {
        return address;
    }
    if (!address.machine_id.empty() && !may_move) {
        return refuse("Resource.AlreadyAssociated", "resource " + allocation_id +
                                                        " is already associated with associate-id " +
                                                        address.association_id);
    }
    detach(address);
    for (auto& [id, other] : addresses_) {
        if (other.machine_id == machine_id) {
            other.machine_id.clear();
            other.association_id.clear();
        }
    }
    address.association_id = resource_id("eipassoc-");
    address.machine_id = machine_id;
    machine->has_elastic_address = true;
    machine->public_address = address.address;
    return address;
}

Answer<void> Addresses::disassociate(const std::string& association_id) {
    for (auto& [id, address] : addresses_) {
        if (!association_id.empty() && address.association_id == association_id) {
            detach(address);
            return {};
        }
    }
    return refuse("InvalidAssociationID.NotFound",
                  "The association ID '" + association_id + "' does not exist");
}

Answer<void> Addresses::release(const std::string& allocation_id) {
    const auto found = find(allocation_id);
    if (!found) {
        return std::unexpected(found.error());
    }
    if (!(*found)->machine_id.empty()) {
        return refuse("InvalidIPAddress.InUse", "Address " + (*found)->address + " is in use.");
    }
    addresses_.erase(allocation_id);
    return {};
}

void Addresses::follow(const Machine& machine) {
    if (machine.state != MachineState::terminated) {
        return;
    }
    for (auto& [id, address] : addresses_) {
        if (address.machine_id == machine.id) {
            address.machine_id.clear();
            address.association_id.clear();
        }
    }
}

Answer<ElasticAddress*> Addresses::find(const std::string& allocation_id) {
    const auto found = addresses_.find(allocation_id);
    if (found == addresses_.end()) {
        return refuse("InvalidAllocationID.NotFound",
                      "The allocation ID '" + allocation_id + "' does not exist");
    }
    return &found->second;
}

void Addresses::detach(ElasticAddress& address) {
    if (auto* machine = machines_.find(address.machine_id)) {
        machine->has_elastic_address = false;
        machines_.give_public_address(*machine);
    }
    address.machine_id.clear();
    address.association_id.clear();
}

}  // namespace sim
