#include <algorithm>

#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

constexpr std::size_t tags_max = 50;

/// The tags of a resource that the simulator knows.
Answer<Tags*> find_tags(Cloud& cloud, const std::string& id) {
    if (auto* machine = cloud.machines.find(id); machine != nullptr && cloud.machines.visible(*machine)) {
        return &machine->tags;
    }
    if (auto* request = cloud.spot_requests.find(id);
        request != nullptr && cloud.spot_requests.visible(*request)) {
        return &request->tags;
    }
    if (id.starts_with("lt-")) {
        const auto found = cloud.launch_templates.find(id, "");
        if (!found) {
            return std::unexpected(found.error());
        }
        return &(*found)->tags;
    }
    if (auto* image = cloud.images.find(id); image != nullptr && cloud.images.visible(image->created)) {
        return &image->tags;
    }
    if (auto* snapshot = cloud.images.find_snapshot(id);
        snapshot != nullptr && cloud.images.visible(snapshot->started)) {
        return &snapshot->tags;
    }
    if (id.starts_with("ami-")) {
        return refuse("InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist");
    }
    if (id.starts_with("snap-")) {
        return refuse("InvalidSnapshot.NotFound", "The snapshot '" + id + "' does not exist.");
    }
    if (id.starts_with("i-")) {
        return refuse("InvalidInstanceID.NotFound", "The instance ID '" + id + "' does not exist");
    }
    if (id.starts_with("sir-")) {
        return refuse("InvalidSpotInstanceRequestID.NotFound",
                      "The spot instance request ID '" + id + "' does not exist");
    }
    return refuse("InvalidID", "The ID '" + id + "' is not valid");
}

Answer<std::vector<Tags*>> find_all(Cloud& cloud, const Form& form) {
    const auto ids = form.list("ResourceId");
    if (ids.empty()) {
        return refuse("MissingParameter", "The request must contain the parameter ResourceId");
    }
    std::vector<Tags*> all;
    for (const auto& id : ids) {
        const auto tags = find_tags(cloud, id);
        if (!tags) {
            return std::unexpected(tags.error());
        }
        all.push_back(*tags);
    }
    return all;
}

/// One tag of one resource, as DescribeTags tells it.
struct Row {
    std::string resource_id;
    std::string resource_type;
    std::string key;
    std::string value;
};

template <class Resources>
void add_rows(std::vector<Row>& rows, const std::string& type, const Resources& resources) {
    for (const auto& [id, resource] : resources) {
        for (const auto& [key, value] : resource.tags) {
            rows.push_back({.resource_id = id, .resource_type = type, .key = key, .value = value});
        }
    }
}

std::optional<std::vector<std::string>> filter_values(const Row& row, const std::string& name) {
    if (name == "resource-id") {
        return std::vector{row.resource_id};
    }
    if (name == "resource-type") {
        return std::vector{row.resource_type};
    }
    if (name == "key") {
        return std::vector{row.key};
    }
    if (name == "value") {
        return std::vector{row.value};
    }
    return tag_values({{row.key, row.value}}, name);
}

}  // namespace

Answer<void> create_tags(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto resources = find_all(cloud, form);
    const auto tags = read_tags(form);
    if (!resources || !tags) {
        return std::unexpected(!resources ? resources.error() : tags.error());
    }
    if (tags->empty()) {
        return refuse("MissingParameter", "The request must contain the parameter Tag");
    }
    for (auto* resource : *resources) {
        auto merged = *tags;
        merged.insert(resource->begin(), resource->end());
        if (merged.size() > tags_max) {
            return refuse("TagLimitExceeded", "A resource would have more than 50 tags");
        }
    }
    for (auto* resource : *resources) {
        for (const auto& [key, value] : *tags) {
            (*resource)[key] = value;
        }
    }
    add_flag(response, "return", true);
    return {};
}

Answer<void> delete_tags(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto resources = find_all(cloud, form);
    if (!resources) {
        return std::unexpected(resources.error());
    }
    const auto wanted = form.groups("Tag");
    for (auto* resource : *resources) {
        if (wanted.empty()) {
            std::erase_if(*resource, [](const auto& tag) { return !tag.first.starts_with("aws:"); });
        }
        for (const auto& tag : wanted) {
            const auto found = resource->find(tag.text("Key"));
            const bool any_value = !tag.has("Value");
            if (found != resource->end() && (any_value || found->second == tag.text("Value"))) {
                resource->erase(found);
            }
        }
    }
    add_flag(response, "return", true);
    return {};
}

Answer<void> describe_tags(Cloud& cloud, Form& form, pugi::xml_node response) {
    std::vector<Row> rows;
    add_rows(rows, "instance", cloud.machines.all());
    add_rows(rows, "spot-instances-request", cloud.spot_requests.all());
    add_rows(rows, "launch-template", cloud.launch_templates.all());
    add_rows(rows, "image", cloud.images.all());
    add_rows(rows, "snapshot", cloud.images.snapshots());
    const auto filters = read_filters(form);
    auto set = response.append_child("tagSet");
    for (const auto& row : rows) {
        const auto match =
            matches(filters, [&](const std::string& name) { return filter_values(row, name); });
        if (!match) {
            return std::unexpected(match.error());
        }
        if (*match) {
            auto item = set.append_child("item");
            add(item, "resourceId", row.resource_id);
            add(item, "resourceType", row.resource_type);
            add(item, "key", row.key);
            add(item, "value", row.value);
        }
    }
    return {};
}

}  // namespace sim::ec2
