#include <algorithm>

#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_machines.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

std::optional<std::vector<std::string>> filter_values(const Machine& machine, const std::string& name,
                                                      const Settings& settings) {
    using Values = std::vector<std::string>;
    const auto& spec = machine.spec;
    const auto if_any = [](const std::string& value) { return value.empty() ? Values{} : Values{value}; };
    if (auto tags = tag_values(machine.tags, name)) {
        return tags;
    }
    const std::pair<std::string_view, Values> known[] = {
        {"instance-id", {machine.id}},
        {"instance-state-name", {std::string(name_of(machine.state))}},
        {"instance-state-code", {std::to_string(static_cast<int>(machine.state))}},
        {"reservation-id", {machine.reservation_id}},
        {"client-token", if_any(machine.client_token)},
        {"spot-instance-request-id", if_any(machine.spot_request_id)},
        {"instance-lifecycle", machine.spot_request_id.empty() ? Values{} : Values{"spot"}},
        {"image-id", {spec.image_id}},
        {"instance-type", {spec.machine_type}},
        {"availability-zone", {spec.zone}},
        {"subnet-id", {spec.subnet_id}},
        {"instance.group-id", spec.group_ids},
        {"key-name", if_any(spec.key_name)},
        {"private-ip-address", if_any(machine.private_address)},
        {"ip-address", if_any(machine.public_address)},
        {"owner-id", {settings.account}},
    };
    for (const auto& [known_name, values] : known) {
        if (name == known_name) {
            return values;
        }
    }
    return std::nullopt;
}

/// The machines that a call is about; each is there.
Answer<std::vector<std::string>> machines_named(Cloud& cloud, Form& form) {
    auto ids = form.list("InstanceId");
    if (ids.empty()) {
        return refuse("MissingParameter", "The request must contain the parameter InstanceId");
    }
    if (const auto checked = check_ids(ids, cloud.present(), cloud.settings); !checked) {
        return std::unexpected(checked.error());
    }
    return ids;
}

/// Does something to each machine named, all or none, and writes the states before and after.
Answer<void> change_states(Cloud& cloud, Form& form, pugi::xml_node response,
                           const std::function<Answer<void>(const Machine&)>& allowed,
                           const std::function<void(Machine&)>& change) {
    const auto ids = machines_named(cloud, form);
    if (!ids) {
        return std::unexpected(ids.error());
    }
    for (const auto& id : *ids) {
        if (const auto answer = allowed(*cloud.machines.find(id)); !answer) {
            return answer;
        }
    }
    auto set = response.append_child("instancesSet");
    for (const auto& id : *ids) {
        auto& machine = *cloud.machines.find(id);
        const auto before = machine.state;
        change(machine);
        auto item = set.append_child("item");
        add(item, "instanceId", id);
        write_state(item, "currentState", machine.state);
        write_state(item, "previousState", before);
    }
    return {};
}

std::unexpected<Fault> wrong_state(const Machine& machine, const char* verb) {
    return refuse("IncorrectInstanceState",
                  "The instance '" + machine.id + "' is not in a state from which it can be " + verb + ".");
}

}  // namespace

Answer<void> describe_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto shown = cloud.show("DescribeInstances");
    const auto page = select_machines(
        shown, cloud.settings, form,
        [&](const Machine& machine, const std::string& name) {
            return filter_values(machine, name, cloud.settings);
        },
        [](const Machine&) { return true; });
    if (!page) {
        return std::unexpected(page.error());
    }
    std::map<std::string, pugi::xml_node> reservations;
    auto set = response.append_child("reservationSet");
    for (const auto& id : page->ids) {
        const auto& machine = shown.machines.at(id);
        auto& instances = reservations[machine.reservation_id];
        if (!instances) {
            auto reservation = set.append_child("item");
            add(reservation, "reservationId", machine.reservation_id);
            add(reservation, "ownerId", cloud.settings.account);
            reservation.append_child("groupSet");
            instances = reservation.append_child("instancesSet");
        }
        write_machine(instances.append_child("item"), machine, cloud.settings);
    }
    if (!page->next_token.empty()) {
        add(response, "nextToken", page->next_token);
    }
    return {};
}

Answer<void> terminate_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    return change_states(
        cloud, form, response, [](const Machine&) -> Answer<void> { return {}; },
        [&](Machine& machine) { cloud.machines.terminate(machine, user_initiated()); });
}

Answer<void> stop_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    return change_states(
        cloud, form, response,
        [](const Machine& machine) -> Answer<void> {
            if (!machine.spot_request_id.empty() && !machine.persistent) {
                return refuse(
                    "UnsupportedOperation",
                    "You can't stop the Spot Instance '" + machine.id +
                        "' because it is associated with a one-time Spot Instance request. You can only "
                        "stop Spot Instances associated with persistent Spot Instance requests.");
            }
            const bool can = machine.state == MachineState::running ||
                             machine.state == MachineState::stopping ||
                             machine.state == MachineState::stopped;
            if (!can) {
                return wrong_state(machine, "stopped");
            }
            return {};
        },
        [&](Machine& machine) {
            if (machine.state == MachineState::running) {
                cloud.machines.stop(machine, user_initiated());
            }
        });
}

Answer<void> start_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    return change_states(
        cloud, form, response,
        [&](const Machine& machine) -> Answer<void> {
            const bool can = machine.state == MachineState::stopped ||
                             machine.state == MachineState::running || machine.state == MachineState::pending;
            if (!can) {
                return wrong_state(machine, "started");
            }
            return machine.state == MachineState::stopped ? cloud.room_for(machine) : Answer<void>{};
        },
        [&](Machine& machine) {
            if (machine.state == MachineState::stopped) {
                cloud.machines.start(machine);
            }
        });
}

Answer<void> reboot_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto ids = machines_named(cloud, form);
    if (!ids) {
        return std::unexpected(ids.error());
    }
    for (const auto& id : *ids) {
        cloud.machines.reboot(*cloud.machines.find(id));
    }
    add_flag(response, "return", true);
    return {};
}

}  // namespace sim::ec2
