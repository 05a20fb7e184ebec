#include <algorithm>

#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

/// Explicit ids and filters find a machine only some time after it was made, as in EC2.
bool visible(const Machine& machine, const Shown& shown, const Settings& settings) {
    return machine.launched + settings.visible_after <= shown.time;
}

/// Refuses a call that names a machine which is malformed, unknown or not yet to be seen.
Answer<void> check_ids(const std::vector<std::string>& ids, const Shown& shown, const Settings& settings) {
    std::string unknown;
    for (const auto& id : ids) {
        if (!id.starts_with("i-")) {
            return refuse("InvalidInstanceID.Malformed", "Invalid id: \"" + id + "\"");
        }
        const auto found = shown.machines.find(id);
        if (found == shown.machines.end() || !visible(found->second, shown, settings)) {
            unknown += (unknown.empty() ? "" : ", ") + id;
        }
    }
    if (unknown.empty()) {
        return {};
    }
    return unknown.find(',') == std::string::npos
               ? refuse("InvalidInstanceID.NotFound", "The instance ID '" + unknown + "' does not exist")
               : refuse("InvalidInstanceID.NotFound", "The instance IDs '" + unknown + "' do not exist");
}

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

/// The machines that a Describe call means, in order of their ids: by explicit ids or by filters, a page.
Answer<Page> select(const Shown& shown, const Settings& settings, Form& form,
                    const std::function<bool(const Machine&)>& wanted_state) {
    const auto wanted = form.list("InstanceId");
    if (!wanted.empty() && form.has("MaxResults")) {
        return refuse("InvalidParameterCombination",
                      "The parameter instancesSet cannot be used with the parameter maxResults");
    }
    if (const auto checked = check_ids(wanted, shown, settings); !checked) {
        return std::unexpected(checked.error());
    }
    const auto filters = read_filters(form);
    std::vector<std::string> ids;
    for (const auto& [id, machine] : shown.machines) {
        const auto match =
            matches(filters, [&](const std::string& name) { return filter_values(machine, name, settings); });
        if (!match) {
            return std::unexpected(match.error());
        }
        const bool asked_for = wanted.empty() || std::ranges::find(wanted, id) != wanted.end();
        if (*match && asked_for && visible(machine, shown, settings) && wanted_state(machine)) {
            ids.push_back(id);
        }
    }
    return paginate(ids, form, 5);
}

/// Does something to each machine named, all or none, and writes the states before and after.
Answer<void> change_states(Cloud& cloud, Form& form, pugi::xml_node response,
                           const std::function<Answer<void>(const Machine&)>& allowed,
                           const std::function<void(Machine&)>& change) {
    const auto ids = form.list("InstanceId");
    if (ids.empty()) {
        return refuse("MissingParameter", "The request must contain the parameter InstanceId");
    }
    const Shown now{.time = cloud.timeline.now(),
                    .machines = cloud.machines.all(),
                    .spot_requests = cloud.spot_requests.all()};
    if (const auto checked = check_ids(ids, now, cloud.settings); !checked) {
        return checked;
    }
    for (const auto& id : ids) {
        if (const auto answer = allowed(*cloud.machines.find(id)); !answer) {
            return answer;
        }
    }
    auto set = response.append_child("instancesSet");
    for (const auto& id : ids) {
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

void write_check(pugi::xml_node item, const char* name, bool passed) {
    auto status = item.append_child(name);
    auto detail = status.append_child("details").append_child("item");
    add(detail, "name", "reachability");
    add(detail, "status", passed ? "passed" : "initializing");
    add(status, "status", passed ? "ok" : "initializing");
}

}  // namespace

Answer<void> describe_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto shown = cloud.show("DescribeInstances");
    const auto page = select(shown, cloud.settings, form, [](const Machine&) { return true; });
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

Answer<void> describe_instance_status(Cloud& cloud, Form& form, pugi::xml_node response) {
    const bool all = form.boolean("IncludeAllInstances");
    const auto shown = cloud.show("DescribeInstanceStatus");
    const auto page = select(shown, cloud.settings, form, [all](const Machine& machine) {
        return all || machine.state == MachineState::running;
    });
    if (!page) {
        return std::unexpected(page.error());
    }
    auto set = response.append_child("instanceStatusSet");
    for (const auto& id : page->ids) {
        const auto& machine = shown.machines.at(id);
        auto item = set.append_child("item");
        add(item, "instanceId", id);
        add(item, "availabilityZone", machine.spec.zone);
        write_state(item, "instanceState", machine.state);
        write_check(item, "systemStatus", machine.booted);
        write_check(item, "instanceStatus", machine.booted);
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
        [](const Machine& machine) -> Answer<void> {
            const bool can = machine.state == MachineState::stopped ||
                             machine.state == MachineState::running || machine.state == MachineState::pending;
            if (!can) {
                return wrong_state(machine, "started");
            }
            return {};
        },
        [&](Machine& machine) {
            if (machine.state == MachineState::stopped) {
                cloud.machines.start(machine);
            }
        });
}

}  // namespace sim::ec2
