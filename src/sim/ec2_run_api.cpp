#include "sim/ec2_api.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/ids.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

/// RunInstances, read.
struct Run {
    std::size_t least = 1;
    std::size_t most = 1;
    bool spot = false;
    SpotAsk ask;
    Tags machine_tags;
};

Answer<Run> read_run(Form& form, const Settings& settings) {
    static const std::vector<std::string> taggable = {"instance", "volume", "network-interface",
                                                      "spot-instances-request"};
    Run run;
    if (!form.has("MinCount") || !form.has("MaxCount")) {
        form.refuse("MissingParameter", "The request must contain the parameters MinCount and MaxCount");
    }
    run.least = static_cast<std::size_t>(form.number("MinCount", 1, 1000).value_or(1));
    run.most = static_cast<std::size_t>(form.number("MaxCount", 1, 1000).value_or(1));
    if (run.least > run.most) {
        form.refuse("InvalidParameterCombination", "MinCount must not be greater than MaxCount");
    }
    const auto market = form.text("InstanceMarketOptions.MarketType");
    run.spot = market == "spot";
    if (!market.empty() && !run.spot) {
        form.refuse("InvalidParameterValue", "Invalid value '" + market + "' for MarketType.");
    }
    const auto options = form.group("InstanceMarketOptions.SpotOptions");
    run.ask.price = options.text("MaxPrice");
    run.ask.persistent = options.text("SpotInstanceType") == "persistent";
    if (const auto behavior = options.text("InstanceInterruptionBehavior"); !behavior.empty()) {
        run.ask.interruption_behavior = behavior;
    }
    if (run.ask.persistent == (run.ask.interruption_behavior == "terminate") && run.spot) {
        form.refuse(
            "InvalidParameterCombination",
            "A persistent Spot request must have the interruption behavior stop or hibernate, a one-time "
            "request must have terminate.");
    }
    const auto tags = read_tag_specification(form, "instance", taggable);
    const auto request_tags = read_tag_specification(form, "spot-instances-request", taggable);
    const auto spec = read_launch_spec(form, settings);
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    if (!tags || !request_tags || !spec) {
        return std::unexpected(!tags ? tags.error() : !request_tags ? request_tags.error() : spec.error());
    }
    run.machine_tags = *tags;
    run.ask.tags = *request_tags;
    run.ask.spec = *spec;
    return run;
}

Answer<std::vector<std::string>> launch(Cloud& cloud, const Run& run, const std::string& token) {
    std::vector<std::string> ids;
    const auto reservation = resource_id("r-");
    if (const auto usable = cloud.images.check_launch(run.ask.spec.image_id); !usable) {
        return std::unexpected(usable.error());
    }
    if (const auto allowed = cloud.quotas.check(run.spot ? Market::spot : Market::on_demand,
                                                run.ask.spec.machine_type, run.least);
        !allowed) {
        return std::unexpected(allowed.error());
    }
    while (ids.size() < run.most) {
        const auto made =
            run.spot ? cloud.spot_requests.run(run.ask, reservation)
                     : run_on_demand(cloud.pools, cloud.quotas, cloud.machines, run.ask.spec, reservation);
        if (!made && ids.size() < run.least) {
            return std::unexpected(made.error());
        }
        if (!made) {
            break;
        }
        auto& machine = **made;
        machine.tags = run.machine_tags;
        machine.client_token = token;
        ids.push_back(machine.id);
    }
    return ids;
}

}  // namespace

Answer<void> run_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto run = read_run(form, cloud.settings);
    const auto token = form.text("ClientToken");
    const auto parameters = form.canonical({"Action", "Version", "ClientToken"});
    auto ids = cloud.client_tokens.find("RunInstances", token, parameters);
    if (!ids) {
        return std::unexpected(ids.error());
    }
    if (ids->empty()) {
        if (!run) {
            return std::unexpected(run.error());
        }
        ids = launch(cloud, *run, token);
        if (!ids) {
            return std::unexpected(ids.error());
        }
        cloud.client_tokens.remember("RunInstances", token, parameters, *ids);
    }
    const auto* first = cloud.machines.find(ids->front());
    if (first == nullptr || first->state == MachineState::terminated) {
        return refuse("IdempotentInstanceTerminated",
                      "The client token was used by an instance that has been terminated.");
    }
    add(response, "reservationId", first->reservation_id);
    add(response, "ownerId", cloud.settings.account);
    response.append_child("groupSet");
    auto set = response.append_child("instancesSet");
    for (const auto& id : *ids) {
        if (const auto* machine = cloud.machines.find(id)) {
            write_machine(set.append_child("item"), *machine, cloud.settings);
        }
    }
    return {};
}

}  // namespace sim::ec2
