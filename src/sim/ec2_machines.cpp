#include "sim/ec2_machines.hpp"

#include <algorithm>

namespace sim::ec2 {

namespace {

bool visible(const Machine& machine, const Shown& shown, const Settings& settings) {
    return machine.launched + settings.visible_after <= shown.time;
}

}  // namespace

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

Answer<Page> select_machines(const Shown& shown, const Settings& settings, Form& form,
                             const MachineValues& values,
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
        const auto match = matches(filters, [&](const std::string& name) { return values(machine, name); });
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

}  // namespace sim::ec2
