#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_machines.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

using Values = std::vector<std::string>;

const char* check_status(const Machine& machine, const std::optional<base::Time>& impaired_since) {
    if (machine.state != MachineState::running) {
        return "not-applicable";
    }
    return impaired_since ? "impaired" : machine.booted ? "ok" : "initializing";
}

const char* reachability(const Machine& machine, const std::optional<base::Time>& impaired_since) {
    return impaired_since ? "failed" : machine.booted ? "passed" : "initializing";
}

Values of_changes(const Machine& machine, std::string PlannedChange::* member) {
    Values values;
    for (const auto& change : machine.planned) {
        values.push_back(change.*member);
    }
    return values;
}

/// The filters of this call; tags are not among them.
std::optional<Values> filter_values(const Machine& machine, const std::string& name) {
    const std::pair<std::string_view, Values> known[] = {
        {"availability-zone", {machine.spec.zone}},
        {"instance-state-name", {std::string(name_of(machine.state))}},
        {"instance-state-code", {std::to_string(static_cast<int>(machine.state))}},
        {"instance-status.status", {check_status(machine, machine.impaired_since)}},
        {"instance-status.reachability", {reachability(machine, machine.impaired_since)}},
        {"system-status.status", {check_status(machine, machine.system_impaired_since)}},
        {"system-status.reachability", {reachability(machine, machine.system_impaired_since)}},
        {"event.code", of_changes(machine, &PlannedChange::code)},
        {"event.description", of_changes(machine, &PlannedChange::description)},
        {"event.instance-event-id", of_changes(machine, &PlannedChange::id)},
    };
    for (const auto& [known_name, values] : known) {
        if (name == known_name) {
            return values;
        }
    }
    return std::nullopt;
}

void write_check(pugi::xml_node item, const char* name, const Machine& machine,
                 const std::optional<base::Time>& impaired_since) {
    auto status = item.append_child(name);
    if (machine.state == MachineState::running) {
        auto detail = status.append_child("details").append_child("item");
        add(detail, "name", "reachability");
        add(detail, "status", reachability(machine, impaired_since));
        if (impaired_since) {
            add_time(detail, "impairedSince", *impaired_since);
        }
    }
    add(status, "status", check_status(machine, impaired_since));
}

void write_planned(pugi::xml_node item, const Machine& machine) {
    if (machine.planned.empty()) {
        return;
    }
    auto set = item.append_child("eventsSet");
    for (const auto& change : machine.planned) {
        auto event = set.append_child("item");
        add(event, "instanceEventId", change.id);
        add(event, "code", change.code);
        add(event, "description", change.description);
        add_time(event, "notAfter", change.not_after);
        add_time(event, "notBefore", change.not_before);
    }
}

}  // namespace

Answer<void> describe_instance_status(Cloud& cloud, Form& form, pugi::xml_node response) {
    const bool all = form.boolean("IncludeAllInstances");
    const auto shown = cloud.show("DescribeInstanceStatus");
    const auto page = select_machines(
        shown, cloud.settings, form, filter_values,
        [all](const Machine& machine) { return all || machine.state == MachineState::running; });
    if (!page) {
        return std::unexpected(page.error());
    }
    auto set = response.append_child("instanceStatusSet");
    for (const auto& id : page->ids) {
        const auto& machine = shown.machines.at(id);
        auto item = set.append_child("item");
        add(item, "instanceId", id);
        add(item, "availabilityZone", machine.spec.zone);
        write_planned(item, machine);
        write_state(item, "instanceState", machine.state);
        write_check(item, "systemStatus", machine, machine.system_impaired_since);
        write_check(item, "instanceStatus", machine, machine.impaired_since);
    }
    if (!page->next_token.empty()) {
        add(response, "nextToken", page->next_token);
    }
    return {};
}

}  // namespace sim::ec2
