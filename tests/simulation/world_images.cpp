#include <iterator>
#include <vector>

#include "simulation/world.hpp"

/// Images: they take their time, fail, stay pending for ever, are of a broken disk, or are deregistered by
/// others.
namespace simulation {

using fleet::ImageState;

std::string World::begin_image(const std::string& machine_id, const std::string& ami_name, bool reboot) {
    auto& machine = ec2.machines.at(machine_id);
    auto& chance = stage_.chance;
    const auto& how = stage_.settings;
    const bool is_bad = chance.percent(how.image_bad);
    const auto id = ec2.make_image({.uid = machine.tags.uid,
                                    .name = machine.tags.name,
                                    .ami_name = ami_name,
                                    .machine = machine_id,
                                    .made = stage_.now(),
                                    .visible_from = stage_.now() + chance.between(0s, 10s),
                                    .is_bad = is_bad});
    tell(machine.tags.name, "begins image {} of machine {}{}", id, machine_id,
         is_bad ? ", and nothing will boot from it" : "");
    if (reboot) {
        machine.answers = false;
        after(chance.between(30s, 3min), [this, machine_id] {
            if (auto* rebooted = living(machine_id)) {
                rebooted->answers = true;
            }
        });
    }
    const bool fails = chance.percent(how.image_fails);
    if (fails && chance.percent(50)) {
        return id;
    }
    after(chance.between(30s, 10min), [this, id, fails] {
        const auto image = ec2.images.find(id);
        if (image != ec2.images.end()) {
            const std::string state = fails ? "failed" : "available";
            image->second.state = fails ? ImageState::failed : ImageState::available;
            tell(image->second.name, "image {} is {}", id, state);
            send_event("EC2 AMI State Change", {{"ImageId", id}, {"State", state}});
        }
    });
    return id;
}

std::string World::make_image_of_others() {
    const bool is_bad = stage_.chance.percent(stage_.settings.image_bad);
    return ec2.make_image({.ami_name = "golden",
                           .made = stage_.now(),
                           .visible_from = stage_.now(),
                           .state = ImageState::available,
                           .is_bad = is_bad});
}

void World::remove_image(const std::string& id) {
    if (ec2.images.erase(id) > 0) {
        send_event("EC2 AMI State Change", {{"ImageId", id}, {"State", "deregistered"}});
    }
}

/// What users name in their specs stays.
void World::remove_some_image() {
    std::vector<std::string> ids;
    for (const auto& [id, image] : ec2.images) {
        if (!image.ami_name.empty()) {
            ids.push_back(id);
        }
    }
    if (!ids.empty()) {
        const auto id = stage_.chance.one_of(ids);
        const auto name = ec2.images.at(id).name;
        if (stage_.chance.percent(30)) {
            tell(name, "an event says what is not true: image {} is deregistered", id);
            return send_event("EC2 AMI State Change", {{"ImageId", id}, {"State", "deregistered"}});
        }
        tell(name, "somebody deregisters image {}", id);
        remove_image(id);
    }
}

}  // namespace simulation
