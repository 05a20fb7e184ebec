#include <charconv>
#include <set>

#include "sim/ec2_api.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

const std::vector<std::string> taggable = {"fleet", "instance", "volume", "network-interface"};

/// A number as `WeightedCapacity` and `Priority` have it; refused when it is none.
double read_decimal(Form& form, const std::string& name, double otherwise) {
    const auto text = form.text(name);
    if (text.empty()) {
        return otherwise;
    }
    const auto value = dollars(text);
    if (value < 0) {
        form.refuse("InvalidParameterValue", "Value (" + text + ") for parameter " + name + " is invalid.");
    }
    return value;
}

/// With what the pool's machines are launched: the template's data, with the override's members in it.
Form launch_form(const Form& data, const Form& overrides) {
    auto form = data;
    for (const auto* member : {"InstanceType", "ImageId"}) {
        if (overrides.has(member)) {
            form.set(member, overrides.text(member));
        }
    }
    if (overrides.has("AvailabilityZone")) {
        form.set("Placement.AvailabilityZone", overrides.text("AvailabilityZone"));
    }
    if (overrides.has("SubnetId")) {
        // A template that describes the network interface gets the subnet there.
        const bool has_interface = !data.groups("NetworkInterface").empty();
        form.set(has_interface ? "NetworkInterface.1.SubnetId" : "SubnetId", overrides.text("SubnetId"));
    }
    return form;
}

Answer<FleetPool> read_pool(const LaunchTemplate& launch_template, const TemplateVersion& version,
                            const std::string& named, Form overrides, const Settings& settings) {
    FleetPool pool;
    pool.template_id = launch_template.id;
    pool.template_version = named;
    pool.weight = read_decimal(overrides, "WeightedCapacity", 1);
    pool.priority = read_decimal(overrides, "Priority", 0);
    pool.max_price = overrides.text("MaxPrice");
    if (pool.weight <= 0 || (!pool.max_price.empty() && dollars(pool.max_price) <= 0)) {
        overrides.refuse("InvalidParameterValue", "WeightedCapacity and MaxPrice must be above 0");
    }
    if (overrides.has("SubnetId") && overrides.has("AvailabilityZone")) {
        overrides.refuse("InvalidParameterCombination",
                         "The parameters SubnetId and AvailabilityZone cannot be used together");
    }
    if (overrides.fault()) {
        return std::unexpected(*overrides.fault());
    }
    const auto data = launch_form(version.data, overrides);
    const std::vector<std::string> of_template = {"instance", "volume", "network-interface",
                                                  "spot-instances-request"};
    const auto spec = read_launch_spec(data, settings);
    const auto machine_tags = read_tag_specification(data, "instance", of_template);
    const auto request_tags = read_tag_specification(data, "spot-instances-request", of_template);
    if (!spec || !machine_tags || !request_tags) {
        return std::unexpected(!spec           ? spec.error()
                               : !machine_tags ? machine_tags.error()
                                               : request_tags.error());
    }
    pool.spec = *spec;
    pool.machine_tags = *machine_tags;
    pool.machine_tags["aws:ec2launchtemplate:version"] = std::to_string(version.number);
    pool.request_tags = *request_tags;
    pool.overrides = std::move(overrides);
    return pool;
}

/// The pools of one `LaunchTemplateConfigs` item.
Answer<void> read_config(Cloud& cloud, const Form& config, std::vector<FleetPool>& pools) {
    const auto named = config.group("LaunchTemplateSpecification");
    if (named.text("Version").empty()) {
        return refuse("MissingParameter", "The launch template specification must contain a Version");
    }
    const auto found =
        cloud.launch_templates.find(named.text("LaunchTemplateId"), named.text("LaunchTemplateName"));
    if (!found) {
        return std::unexpected(found.error());
    }
    const auto version = LaunchTemplates::version(**found, named.text("Version"));
    if (!version) {
        return std::unexpected(version.error());
    }
    if (!version->data.group("InstanceMarketOptions").names().empty()) {
        return refuse("InvalidParameterCombination",
                      "A launch template with InstanceMarketOptions cannot be used by a fleet");
    }
    auto overrides = config.groups("Overrides");
    if (overrides.empty()) {
        overrides.emplace_back();
    }
    for (const auto& one : overrides) {
        auto pool = read_pool(**found, *version, named.text("Version"), one, cloud.settings);
        if (!pool) {
            return std::unexpected(pool.error());
        }
        pools.push_back(std::move(*pool));
    }
    return {};
}

Answer<void> check_pools(const std::vector<FleetPool>& pools) {
    std::map<std::string, std::string> subnets;  // of each zone
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& pool : pools) {
        const auto& spec = pool.spec;
        if (subnets.try_emplace(spec.zone, spec.subnet_id).first->second != spec.subnet_id) {
            return refuse(
                "InvalidParameterValue",
                "The fleet configuration contains several subnets of the Availability Zone " + spec.zone);
        }
        if (!seen.emplace(spec.machine_type, spec.subnet_id).second) {
            return refuse("InvalidParameterValue",
                          "The fleet configuration contains duplicate instance pools");
        }
    }
    return {};
}

void read_capacity(Form& form, FleetAsk& ask) {
    auto target = form.group("TargetCapacitySpecification");
    const auto total = target.number("TotalTargetCapacity", 1, 10'000);
    if (!total) {
        target.refuse("MissingParameter", "The request must contain the parameter TotalTargetCapacity");
    }
    const auto spot = target.number("SpotTargetCapacity", 0, 10'000);
    const auto on_demand = target.number("OnDemandTargetCapacity", 0, 10'000);
    const auto kind = target.text("DefaultTargetCapacityType");
    if (kind != "spot" && kind != "on-demand" && !kind.empty()) {
        target.refuse("InvalidParameterValue", "Invalid value '" + kind + "' for DefaultTargetCapacityType.");
    }
    const auto rest = total.value_or(0) - spot.value_or(0) - on_demand.value_or(0);
    if (rest < 0) {
        target.refuse("InvalidParameterCombination",
                      "TotalTargetCapacity is less than its spot and on-demand parts");
    }
    ask.spot_capacity = static_cast<double>(spot.value_or(0) + (kind == "spot" ? rest : 0));
    ask.on_demand_capacity = static_cast<double>(on_demand.value_or(0) + (kind == "spot" ? 0 : rest));
    if (target.fault()) {
        form.refuse(target.fault()->code, target.fault()->message);
    }
}

Answer<FleetAsk> read_fleet(Cloud& cloud, Form& form) {
    FleetAsk ask;
    if (form.text("Type") != "instant") {
        form.refuse("UnsupportedOperation", "The simulator has only fleets of the type instant.");
    }
    read_capacity(form, ask);
    const auto strategy = form.text("SpotOptions.AllocationStrategy");
    ask.spot_by_priority = strategy == "capacity-optimized-prioritized";
    ask.on_demand_by_priority = form.text("OnDemandOptions.AllocationStrategy") == "prioritized";
    static const std::set<std::string> strategies = {"",
                                                     "lowest-price",
                                                     "diversified",
                                                     "capacity-optimized",
                                                     "capacity-optimized-prioritized",
                                                     "price-capacity-optimized"};
    if (!strategies.contains(strategy)) {
        form.refuse("InvalidParameterValue", "Invalid value '" + strategy + "' for AllocationStrategy.");
    }
    const auto tags = read_tag_specification(form, "fleet", taggable);
    const auto machine_tags = read_tag_specification(form, "instance", taggable);
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    if (!tags || !machine_tags) {
        return std::unexpected(!tags ? tags.error() : machine_tags.error());
    }
    ask.tags = *tags;
    ask.machine_tags = *machine_tags;
    const auto configs = form.groups("LaunchTemplateConfigs");
    if (configs.empty()) {
        return refuse("MissingParameter", "The request must contain the parameter LaunchTemplateConfigs");
    }
    for (const auto& config : configs) {
        if (const auto read = read_config(cloud, config, ask.pools); !read) {
            return std::unexpected(read.error());
        }
    }
    if (const auto checked = check_pools(ask.pools); !checked) {
        return std::unexpected(checked.error());
    }
    return ask;
}

void write_pool(pugi::xml_node item, const FleetOutcome& outcome) {
    auto both = item.append_child("launchTemplateAndOverrides");
    auto named = both.append_child("launchTemplateSpecification");
    add(named, "launchTemplateId", outcome.pool.template_id);
    add(named, "version", outcome.pool.template_version);
    auto written = both.append_child("overrides");
    static constexpr std::pair<const char*, const char*> members[] = {
        {"InstanceType", "instanceType"},
        {"SubnetId", "subnetId"},
        {"AvailabilityZone", "availabilityZone"},
        {"WeightedCapacity", "weightedCapacity"},
        {"Priority", "priority"},
        {"MaxPrice", "maxPrice"},
        {"ImageId", "imageId"}};
    for (const auto& [member, element] : members) {
        if (outcome.pool.overrides.has(member)) {
            add(written, element, outcome.pool.overrides.text(member));
        }
    }
    add(item, "lifecycle", name_of(outcome.market));
}

void write_fleet(pugi::xml_node response, const Fleet& fleet) {
    add(response, "fleetId", fleet.id);
    auto errors = response.append_child("errorSet");
    auto machines = response.append_child("fleetInstanceSet");
    for (const auto& outcome : fleet.outcomes) {
        if (!outcome.fault.code.empty()) {
            auto item = errors.append_child("item");
            write_pool(item, outcome);
            add(item, "errorCode", outcome.fault.code);
            add(item, "errorMessage", outcome.fault.message);
        }
        if (!outcome.machine_ids.empty()) {
            auto item = machines.append_child("item");
            write_pool(item, outcome);
            auto ids = item.append_child("instanceIds");
            for (const auto& id : outcome.machine_ids) {
                add(ids, "item", id);
            }
            add(item, "instanceType", outcome.pool.spec.machine_type);
        }
    }
}

}  // namespace

Answer<void> create_fleet(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto token = form.text("ClientToken");
    const auto parameters = form.canonical({"Action", "Version", "ClientToken"});
    const auto known = cloud.client_tokens.find("CreateFleet", token, parameters);
    if (!known) {
        return std::unexpected(known.error());
    }
    if (!known->empty()) {
        const auto* fleet = cloud.fleets.find(known->front());
        if (fleet == nullptr) {
            return refuse("IdempotentInstanceTerminated", "The fleet of this client token is over.");
        }
        write_fleet(response, *fleet);
        return {};
    }
    const auto ask = read_fleet(cloud, form);
    if (!ask) {
        return std::unexpected(ask.error());
    }
    const auto& fleet = cloud.fleets.launch(*ask);
    cloud.client_tokens.remember("CreateFleet", token, parameters, {fleet.id});
    write_fleet(response, fleet);
    return {};
}

}  // namespace sim::ec2
