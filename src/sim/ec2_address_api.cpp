#include <algorithm>

#include "sim/ec2_api.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

Answer<void> allocate_address(Cloud& cloud, Form& /*form*/, pugi::xml_node response) {
    const auto& made = cloud.addresses.allocate();
    add(response, "publicIp", made.address);
    add(response, "allocationId", made.allocation_id);
    add(response, "domain", "vpc");
    return {};
}

Answer<void> associate_address(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto allocation_id = form.required("AllocationId");
    const auto machine_id = form.required("InstanceId");
    const bool may_move = !form.has("AllowReassociation") || form.boolean("AllowReassociation");
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    const auto associated = cloud.addresses.associate(allocation_id, machine_id, may_move);
    if (!associated) {
        return std::unexpected(associated.error());
    }
    add(response, "associationId", associated->association_id);
    return {};
}

Answer<void> disassociate_address(Cloud& cloud, Form& form, pugi::xml_node response) {
    if (const auto done = cloud.addresses.disassociate(form.text("AssociationId")); !done) {
        return done;
    }
    add_flag(response, "return", true);
    return {};
}

Answer<void> release_address(Cloud& cloud, Form& form, pugi::xml_node response) {
    if (const auto done = cloud.addresses.release(form.text("AllocationId")); !done) {
        return done;
    }
    add_flag(response, "return", true);
    return {};
}

Answer<void> describe_addresses(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto wanted = form.list("AllocationId");
    for (const auto& id : wanted) {
        if (!cloud.addresses.all().contains(id)) {
            return refuse("InvalidAllocationID.NotFound", "The allocation ID '" + id + "' does not exist");
        }
    }
    auto set = response.append_child("addressesSet");
    for (const auto& [id, address] : cloud.addresses.all()) {
        if (!wanted.empty() && std::ranges::find(wanted, id) == wanted.end()) {
            continue;
        }
        auto item = set.append_child("item");
        add(item, "publicIp", address.address);
        add(item, "allocationId", id);
        add(item, "domain", "vpc");
        if (!address.machine_id.empty()) {
            add(item, "associationId", address.association_id);
            add(item, "instanceId", address.machine_id);
        }
    }
    return {};
}

}  // namespace sim::ec2
