#include <algorithm>

#include "base/contains.hpp"
#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/ec2_machines.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/images.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

using Values = std::vector<std::string>;

/// What stands for an image that has always been there.
Image scenery(const std::string& id) {
    return {.id = id,
            .name = "image " + id,
            .description = {},
            .machine_id = {},
            .created = *base::parse_time("2026-01-01T00:00:00Z"),
            .state = "available",
            .state_reason = {},
            .disks = {},
            .tags = {}};
}

std::optional<Values> filter_values(const Image& image, const std::string& name, const Settings& settings) {
    if (auto tags = tag_values(image.tags, name)) {
        return tags;
    }
    const std::pair<std::string_view, std::string> known[] = {
        {"image-id", image.id},     {"name", image.name},           {"description", image.description},
        {"state", image.state},     {"owner-id", settings.account}, {"is-public", "false"},
        {"architecture", "x86_64"}, {"root-device-type", "ebs"},    {"root-device-name", "/dev/xvda"},
    };
    const auto* const found =
        std::ranges::find(known, name, &std::pair<std::string_view, std::string>::first);
    return found == std::end(known) ? std::nullopt : std::optional(Values{found->second});
}

void write_disks(pugi::xml_node item, const Image& image) {
    auto mapping = item.append_child("blockDeviceMapping");
    for (const auto& disk : image.disks) {
        auto entry = mapping.append_child("item");
        add(entry, "deviceName", disk.device_name);
        auto ebs = entry.append_child("ebs");
        add_flag(ebs, "deleteOnTermination", true);
        // Which snapshots there are is told only once they are all there.
        if (image.state != "pending") {
            add(ebs, "snapshotId", disk.snapshot_id);
        }
        add_number(ebs, "volumeSize", disk.gib);
        add(ebs, "volumeType", "gp3");
        add_flag(ebs, "encrypted", false);
    }
}

void write_image(pugi::xml_node item, const Image& image, const Settings& settings) {
    add(item, "imageId", image.id);
    add(item, "imageLocation", settings.account + "/" + image.name);
    add(item, "imageState", image.state);
    add(item, "imageOwnerId", settings.account);
    add(item, "name", image.name);
    if (!image.description.empty()) {
        add(item, "description", image.description);
    }
    add_flag(item, "isPublic", false);
    add(item, "architecture", "x86_64");
    add(item, "imageType", "machine");
    add(item, "rootDeviceType", "ebs");
    add(item, "rootDeviceName", "/dev/xvda");
    add(item, "virtualizationType", "hvm");
    add_time(item, "creationDate", image.created);
    write_disks(item, image);
    if (!image.state_reason.empty()) {
        auto reason = item.append_child("stateReason");
        add(reason, "code", image.state_reason.substr(0, image.state_reason.find(':')));
        add(reason, "message", image.state_reason);
    }
    if (!image.tags.empty()) {
        write_tags(item, image.tags);
    }
}

/// The images that are named, by id or by the filter for ids, and are of the scenery.
Answer<std::map<std::string, Image, std::less<>>> named_scenery(Cloud& cloud, const Shown& shown,
                                                                const Values& ids,
                                                                const std::vector<Filter>& filters) {
    std::map<std::string, Image, std::less<>> found;
    for (const auto& id : ids) {
        const auto made = shown.images.find(id);
        const bool is_made = made != shown.images.end();
        if (!id.starts_with("ami-")) {
            return refuse("InvalidAMIID.Malformed", "Invalid id: \"" + id + "\" (expecting \"ami-...\")");
        }
        if (is_made ? !cloud.images.visible(made->second.created) : cloud.images.is_gone(id)) {
            return refuse("InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist");
        }
        found.emplace(id, scenery(id));
    }
    for (const auto& filter : filters) {
        for (const auto& id : filter.values) {
            if (filter.name == "image-id" && id.starts_with("ami-") && !id.contains('*') &&
                !id.contains('?') && !cloud.images.is_gone(id)) {
                found.emplace(id, scenery(id));
            }
        }
    }
    std::erase_if(found, [&](const auto& image) { return shown.images.contains(image.first); });
    return found;
}

}  // namespace

Answer<void> create_image(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto id = form.required("InstanceId");
    ImageAsk ask{.name = form.required("Name"),
                 .description = form.text("Description"),
                 .tags = {},
                 .snapshot_tags = {}};
    const bool reboot = !form.boolean("NoReboot");
    const auto tags = read_tag_specification(form, "image", {"image", "snapshot"});
    const auto snapshot_tags = read_tag_specification(form, "snapshot", {"image", "snapshot"});
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    if (!tags || !snapshot_tags) {
        return std::unexpected(!tags ? tags.error() : snapshot_tags.error());
    }
    if (const auto checked = check_ids({id}, cloud.present(), cloud.settings); !checked) {
        return checked;
    }
    auto& machine = *cloud.machines.find(id);
    if (machine.state != MachineState::running && machine.state != MachineState::stopped) {
        return refuse("IncorrectInstanceState",
                      "Instance '" + id + "' is not in the state 'running' or 'stopped'.");
    }
    ask.tags = *tags;
    ask.snapshot_tags = *snapshot_tags;
    const auto made = cloud.images.create(machine, ask);
    if (!made) {
        return std::unexpected(made.error());
    }
    if (reboot) {
        cloud.machines.reboot(machine);
    }
    add(response, "imageId", (*made)->id);
    return {};
}

Answer<void> describe_images(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto wanted = form.list("ImageId");
    if (!wanted.empty() && form.has("MaxResults")) {
        return refuse("InvalidParameterCombination",
                      "The parameter imagesSet cannot be used with the parameter maxResults");
    }
    const auto filters = read_filters(form);
    const auto shown = cloud.show("DescribeImages");
    auto images = named_scenery(cloud, shown, wanted, filters);
    if (!images) {
        return std::unexpected(images.error());
    }
    const auto owners = form.list("Owner");
    if (owners.empty() || base::contains(owners, "self") || base::contains(owners, cloud.settings.account)) {
        for (const auto& [id, image] : shown.images) {
            if (cloud.images.visible(image.created) && (wanted.empty() || base::contains(wanted, id))) {
                images->emplace(id, image);
            }
        }
    }
    std::vector<std::string> ids;
    for (const auto& [id, image] : *images) {
        const auto match = matches(
            filters, [&](const std::string& name) { return filter_values(image, name, cloud.settings); });
        if (!match) {
            return std::unexpected(match.error());
        }
        if (*match) {
            ids.push_back(id);
        }
    }
    const auto page = paginate(ids, form, 1);
    if (!page) {
        return std::unexpected(page.error());
    }
    auto set = response.append_child("imagesSet");
    for (const auto& id : page->ids) {
        write_image(set.append_child("item"), images->find(id)->second, cloud.settings);
    }
    if (!page->next_token.empty()) {
        add(response, "nextToken", page->next_token);
    }
    return {};
}

Answer<void> deregister_image(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto id = form.required("ImageId");
    if (!id.empty() && !id.starts_with("ami-")) {
        form.refuse("InvalidAMIID.Malformed", "Invalid id: \"" + id + "\" (expecting \"ami-...\")");
    }
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    if (const auto done = cloud.images.deregister(id); !done) {
        return done;
    }
    add_flag(response, "return", true);
    return {};
}

}  // namespace sim::ec2
