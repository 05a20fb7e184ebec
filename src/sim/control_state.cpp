#include "sim/control_state.hpp"

#include <boost/json/array.hpp>

namespace sim {

namespace json = boost::json;

namespace {

json::object write(const Tags& tags) {
    json::object object;
    for (const auto& [key, value] : tags) {
        object[key] = value;
    }
    return object;
}

json::object write(const SpotRequest& request) {
    return {{"id", request.id},
            {"state", request.state},
            {"status", request.status},
            {"machine", request.machine_id},
            {"instance_type", request.ask.spec.machine_type},
            {"availability_zone", request.ask.spec.zone},
            {"created", base::format_time(request.created)},
            {"tags", write(request.tags)}};
}

json::object write(const Image& image) {
    json::array snapshots;
    for (const auto& disk : image.disks) {
        snapshots.emplace_back(disk.snapshot_id);
    }
    return {{"id", image.id},
            {"name", image.name},
            {"state", image.state},
            {"machine", image.machine_id},
            {"spoiled", image.spoiled},
            {"created", base::format_time(image.created)},
            {"snapshots", std::move(snapshots)},
            {"tags", write(image.tags)}};
}

json::object write(const Snapshot& snapshot) {
    return {{"id", snapshot.id},
            {"state", snapshot.state},
            {"volume", snapshot.volume_id},
            {"description", snapshot.description},
            {"tags", write(snapshot.tags)}};
}

json::object write(const RecordSets& sets) {
    json::object object;
    for (const auto& [key, set] : sets) {
        json::array values;
        for (const auto& value : set.values) {
            values.emplace_back(value);
        }
        object[set.name + " " + set.type] = std::move(values);
    }
    return object;
}

}  // namespace

json::object describe(const Machine& machine) {
    return {{"id", machine.id},
            {"state", name_of(machine.state)},
            {"booted", machine.booted},
            {"spoiled", machine.spoiled},
            {"spot_request", machine.spot_request_id},
            {"instance_type", machine.spec.machine_type},
            {"image_id", machine.spec.image_id},
            {"availability_zone", machine.spec.zone},
            {"subnet_id", machine.spec.subnet_id},
            {"instance_profile", machine.spec.instance_profile},
            {"private_address", machine.private_address},
            {"public_address", machine.public_address},
            {"interruption_action", machine.interruption_action},
            {"interruption_time",
             machine.interruption_action.empty() ? "" : base::format_time(machine.interruption_time)},
            {"end_held", machine.end_held},
            {"client_token", machine.client_token},
            {"launched", base::format_time(machine.launched)},
            {"tags", write(machine.tags)}};
}

json::object describe(Cloud& cloud) {
    json::array machines;
    for (const auto& [id, machine] : cloud.machines.all()) {
        machines.emplace_back(describe(machine));
    }
    json::array requests;
    for (const auto& [id, request] : cloud.spot_requests.all()) {
        requests.emplace_back(write(request));
    }
    json::array images;
    for (const auto& [id, image] : cloud.images.all()) {
        images.emplace_back(write(image));
    }
    json::array snapshots;
    for (const auto& [id, snapshot] : cloud.images.snapshots()) {
        snapshots.emplace_back(write(snapshot));
    }
    json::array queues;
    for (const auto& name : cloud.queues.names()) {
        json::object queue = {{"name", name}};
        for (const auto& [attribute, value] : (*cloud.queues.find(name))->describe(cloud.timeline.now())) {
            if (attribute.starts_with("ApproximateNumberOf")) {
                queue[attribute] = value;
            }
        }
        queues.emplace_back(std::move(queue));
    }
    json::array zones;
    for (const auto& [id, zone] : cloud.zones.all()) {
        zones.emplace_back(json::object{{"id", id},
                                        {"name", zone.name},
                                        {"private", zone.is_private},
                                        {"records", write(zone.sets)},
                                        {"served", write(zone.served)}});
    }
    json::array templates;
    for (const auto& [id, launch_template] : cloud.launch_templates.all()) {
        templates.emplace_back(json::object{{"id", id},
                                            {"name", launch_template.name},
                                            {"versions", launch_template.versions.size()},
                                            {"tags", write(launch_template.tags)}});
    }
    return {{"now", base::format_time(cloud.timeline.now())},
            {"machines", std::move(machines)},
            {"spot_requests", std::move(requests)},
            {"launch_templates", std::move(templates)},
            {"images", std::move(images)},
            {"snapshots", std::move(snapshots)},
            {"queues", std::move(queues)},
            {"zones", std::move(zones)}};
}

}  // namespace sim
