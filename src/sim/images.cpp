#include "sim/images.hpp"

#include <algorithm>
#include <utility>

#include "sim/ids.hpp"

namespace sim {

namespace {

const std::string root_device = "/dev/xvda";
constexpr long gib_unless_said = 8;

bool is_image_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      std::string_view("()[] ./-'@_").contains(c);
           });
}

std::unexpected<Fault> no_such_image(const std::string& id) {
    return refuse("InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist");
}

/// Adds a disk, or changes the size of the one of that name.
void put_disk(std::vector<Disk>& disks, const std::string& device_name, long gib) {
    const auto found = std::ranges::find(disks, device_name, &Disk::device_name);
    if (found == disks.end()) {
        disks.push_back({.device_name = device_name,
                         .gib = gib > 0 ? gib : gib_unless_said,
                         .volume_id = resource_id("vol-")});
    } else if (gib > 0) {
        found->gib = gib;
    }
}

}  // namespace

Answer<Image*> Images::create(const Machine& machine, const ImageAsk& ask) {
    if (!is_image_name(ask.name)) {
        return refuse("InvalidAMIName.Malformed",
                      "AMI names must be between 3 and 128 characters long, and may contain letters, "
                      "numbers, '(', ')', '.', '-', '/' and '_'");
    }
    const auto taken =
        std::ranges::find_if(images_, [&](const auto& known) { return known.second.name == ask.name; });
    if (taken != images_.end()) {
        return refuse("InvalidAMIName.Duplicate",
                      "AMI name " + ask.name + " is already in use by AMI " + taken->first);
    }
    Image image{.id = resource_id("ami-"),
                .name = ask.name,
                .description = ask.description,
                .machine_id = machine.id,
                .created = timeline_.now(),
                .disks = {},
                .spoiled = machine.spoiled,
                .tags = ask.tags};
    for (const auto& disk : machine.disks) {
        Snapshot snapshot{.id = resource_id("snap-"),
                          .volume_id = disk.volume_id,
                          .description = "Created by CreateImage(" + machine.id + ") for " + image.id,
                          .gib = disk.gib,
                          .started = timeline_.now(),
                          .tags = ask.snapshot_tags,
                          .held_until = timeline_.now()};
        image.disks.push_back({.device_name = disk.device_name, .gib = disk.gib, .snapshot_id = snapshot.id});
        snapshots_.emplace(snapshot.id, snapshot);
    }
    const auto outcome = std::exchange(next_, "pass");
    if (outcome != "hold") {
        std::optional<std::string> reason;
        if (outcome == "fail") {
            reason = "Client.InternalError: the image could not be created";
        }
        timeline_.after(settings_.image_for, [this, id = image.id, reason] {
            if (auto* made = find(id)) {
                [[maybe_unused]] const auto settled = settle(*made, reason);
            }
        });
    }
    return &images_.emplace(image.id, std::move(image)).first->second;
}

Image* Images::find(std::string_view id) {
    const auto found = images_.find(id);
    return found == images_.end() ? nullptr : &found->second;
}

Snapshot* Images::find_snapshot(std::string_view id) {
    const auto found = snapshots_.find(id);
    return found == snapshots_.end() ? nullptr : &found->second;
}

Answer<void> Images::check_launch(const std::string& id) {
    const auto* image = find(id);
    if (is_gone(id) || (image != nullptr && !visible(image->created))) {
        return no_such_image(id);
    }
    if (image != nullptr && image->state != "available") {
        return refuse("InvalidAMIID.Unavailable", "The image ID '" + id + "' is not available");
    }
    return {};
}

void Images::install(Machine& machine) {
    put_disk(machine.disks, root_device, gib_unless_said);
    if (const auto* image = find(machine.spec.image_id)) {
        machine.spoiled = image->spoiled;
        for (const auto& disk : image->disks) {
            put_disk(machine.disks, disk.device_name, disk.gib);
        }
    }
    for (const auto& disk : machine.spec.disks) {
        put_disk(machine.disks, disk.device_name, disk.gib);
    }
}

Answer<void> Images::deregister(const std::string& id) {
    if (is_gone(id)) {
        return refuse("InvalidAMIID.Unavailable", "The image ID '" + id + "' is no longer available");
    }
    if (const auto* image = find(id)) {
        events_.image_change(id, "deregistered", "");
        for (const auto& disk : image->disks) {
            if (auto* snapshot = find_snapshot(disk.snapshot_id)) {
                snapshot->held_until = timeline_.now() + settings_.snapshot_held_for;
            }
        }
    }
    // The id may be the image's own.
    gone_.insert(id);
    images_.erase(id);
    return {};
}

Answer<void> Images::delete_snapshot(const std::string& id) {
    const auto* snapshot = find_snapshot(id);
    if (snapshot == nullptr || !visible(snapshot->started)) {
        return refuse("InvalidSnapshot.NotFound", "The snapshot '" + id + "' does not exist.");
    }
    const auto owner = std::ranges::find_if(images_, [&](const auto& image) {
        return std::ranges::find(image.second.disks, id, &ImageDisk::snapshot_id) != image.second.disks.end();
    });
    if (owner != images_.end()) {
        return refuse("InvalidSnapshot.InUse",
                      "The snapshot " + id + " is currently in use by " + owner->first);
    }
    if (snapshot->held_until > timeline_.now()) {
        return refuse("InvalidSnapshot.InUse",
                      "The snapshot " + id + " is currently in use by an image that is being deregistered");
    }
    snapshots_.erase(id);
    return {};
}

void Images::follow(const Machine& machine) {
    if (machine.state != MachineState::shutting_down) {
        return;
    }
    for (auto& [id, image] : images_) {
        if (image.machine_id == machine.id && image.state == "pending") {
            [[maybe_unused]] const auto settled =
                settle(image, "Client.InstanceTerminated: the instance ended before its image was complete");
        }
    }
}

Answer<void> Images::settle(Image& image, const std::optional<std::string>& reason) {
    if (image.state != "pending") {
        return refuse("", "image " + image.id + " is " + image.state, 409);
    }
    image.state = reason ? "failed" : "available";
    image.state_reason = reason.value_or("");
    for (const auto& disk : image.disks) {
        if (auto* snapshot = find_snapshot(disk.snapshot_id)) {
            snapshot->state = reason ? "error" : "completed";
        }
    }
    events_.image_change(image.id, image.state, image.state_reason);
    return {};
}

}  // namespace sim
