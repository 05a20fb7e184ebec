#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/pools.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

constexpr long count_max = 3000;

std::unexpected<Fault> no_such_request(const std::string& id) {
    return refuse("InvalidSpotInstanceRequestID.NotFound",
                  "The spot instance request ID '" + id + "' does not exist");
}

Answer<SpotAsk> read_ask(Form& form, const Cloud& cloud) {
    SpotAsk ask;
    ask.price = form.text("SpotPrice");
    if (!ask.price.empty() && dollars(ask.price) <= 0) {
        form.refuse("InvalidParameterValue",
                    "Invalid value '" + ask.price + "' for price. Expecting a decimal above 0.");
    }
    const auto type = form.text("Type");
    ask.persistent = type == "persistent";
    if (!type.empty() && type != "one-time" && type != "persistent") {
        form.refuse("InvalidParameterValue", "Invalid value '" + type + "' for Type.");
    }
    if (auto behavior = form.text("InstanceInterruptionBehavior"); !behavior.empty()) {
        ask.interruption_behavior = behavior;
    }
    const auto& behavior = ask.interruption_behavior;
    if (behavior != "terminate" && behavior != "stop" && behavior != "hibernate") {
        form.refuse("InvalidParameterValue",
                    "Invalid value '" + behavior + "' for InstanceInterruptionBehavior.");
    }
    if (behavior != "terminate" && !ask.persistent) {
        form.refuse("InvalidParameterCombination",
                    "The interruption behavior '" + behavior + "' needs a persistent Spot request.");
    }
    ask.valid_from = form.time("ValidFrom");
    ask.valid_until = form.time("ValidUntil");
    if (ask.valid_until && *ask.valid_until <= cloud.timeline.now()) {
        form.refuse("InvalidParameterValue", "ValidUntil must be a time in the future.");
    }
    const auto tags = read_tag_specification(form, "spot-instances-request", {"spot-instances-request"});
    const auto spec = read_launch_spec(form.group("LaunchSpecification"), cloud.settings);
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    if (!tags || !spec) {
        return std::unexpected(!tags ? tags.error() : spec.error());
    }
    ask.tags = *tags;
    ask.spec = *spec;
    return ask;
}

std::optional<std::vector<std::string>> filter_values(const SpotRequest& request, const std::string& name) {
    using Values = std::vector<std::string>;
    if (auto tags = tag_values(request.tags, name)) {
        return tags;
    }
    if (name == "spot-instance-request-id") {
        return Values{request.id};
    }
    if (name == "state") {
        return Values{request.state};
    }
    if (name == "status-code") {
        return Values{request.status};
    }
    if (name == "instance-id") {
        return request.machine_id.empty() ? Values{} : Values{request.machine_id};
    }
    if (name == "type") {
        return Values{request.ask.persistent ? "persistent" : "one-time"};
    }
    if (name == "launch.image-id") {
        return Values{request.ask.spec.image_id};
    }
    if (name == "launch.instance-type") {
        return Values{request.ask.spec.machine_type};
    }
    if (name == "launched-availability-zone") {
        return request.machine_id.empty() ? Values{} : Values{request.ask.spec.zone};
    }
    return std::nullopt;
}

}  // namespace

Answer<void> request_spot_instances(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto count = form.number("InstanceCount", 1, count_max).value_or(1);
    const auto ask = read_ask(form, cloud);
    const auto token = form.text("ClientToken");
    const auto parameters = form.canonical({"Action", "Version", "ClientToken"});
    // A token speaks before the parameters are judged: a repeat may come after ValidUntil.
    auto ids = cloud.client_tokens.find("RequestSpotInstances", token, parameters);
    if (!ids) {
        return std::unexpected(ids.error());
    }
    if (ids->empty()) {
        if (!ask) {
            return std::unexpected(ask.error());
        }
        if (const auto usable = cloud.images.check_launch(ask->spec.image_id); !usable) {
            return std::unexpected(usable.error());
        }
        const auto allowed =
            cloud.quotas.check(Market::spot, ask->spec.machine_type, static_cast<std::size_t>(count));
        if (!allowed) {
            return std::unexpected(allowed.error());
        }
        ids = cloud.spot_requests.request(*ask, static_cast<std::size_t>(count));
        cloud.client_tokens.remember("RequestSpotInstances", token, parameters, *ids);
    }
    auto set = response.append_child("spotInstanceRequestSet");
    for (const auto& id : *ids) {
        if (const auto* request = cloud.spot_requests.find(id)) {
            write_spot_request(set.append_child("item"), *request);
        }
    }
    return {};
}

Answer<void> describe_spot_instance_requests(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto shown = cloud.show("DescribeSpotInstanceRequests");
    const auto visible = [&](const SpotRequest& request) {
        return request.created + cloud.settings.visible_after <= shown.time;
    };
    const auto filters = read_filters(form);
    const auto wanted = form.list("SpotInstanceRequestId");
    for (const auto& id : wanted) {
        const auto found = shown.spot_requests.find(id);
        if (found == shown.spot_requests.end() || !visible(found->second)) {
            return no_such_request(id);
        }
    }
    std::vector<std::string> ids;
    for (const auto& [id, request] : shown.spot_requests) {
        const auto match =
            matches(filters, [&](const std::string& name) { return filter_values(request, name); });
        if (!match) {
            return std::unexpected(match.error());
        }
        const bool asked_for = wanted.empty() || std::ranges::find(wanted, id) != wanted.end();
        if (*match && asked_for && visible(request)) {
            ids.push_back(id);
        }
    }
    const auto page = paginate(ids, form, 5);
    if (!page) {
        return std::unexpected(page.error());
    }
    auto set = response.append_child("spotInstanceRequestSet");
    for (const auto& id : page->ids) {
        write_spot_request(set.append_child("item"), shown.spot_requests.at(id));
    }
    if (!page->next_token.empty()) {
        add(response, "nextToken", page->next_token);
    }
    return {};
}

Answer<void> cancel_spot_instance_requests(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto ids = form.list("SpotInstanceRequestId");
    if (ids.empty()) {
        return refuse("MissingParameter", "The request must contain the parameter SpotInstanceRequestId");
    }
    for (const auto& id : ids) {
        const auto* request = cloud.spot_requests.find(id);
        if (request == nullptr || !cloud.spot_requests.visible(*request)) {
            return no_such_request(id);
        }
    }
    auto set = response.append_child("spotInstanceRequestSet");
    for (const auto& id : ids) {
        auto& request = *cloud.spot_requests.find(id);
        cloud.spot_requests.cancel(request);
        auto item = set.append_child("item");
        add(item, "spotInstanceRequestId", id);
        add(item, "state", request.state);
    }
    return {};
}

}  // namespace sim::ec2
