#include "simulation/world.hpp"

/// Images: they take their time, fail, stay pending for ever, or are of a broken disk.
namespace simulation {

using fleet::ImageState;

std::string World::begin_image(const std::string& machine_id, const std::string& ami_name, bool reboot) {
    auto& machine = ec2.machines.at(machine_id);
    auto& chance = stage_.chance;
    const auto& how = stage_.settings;
    const bool is_bad = chance.percent(how.image_bad);
    const auto id = ec2.make_image({.uid = machine.tags.uid,
                                    .ami_name = ami_name,
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
            image->second.state = fails ? ImageState::failed : ImageState::available;
            tell("", "image {} is {}", id, fails ? "failed" : "available");
            send_event("EC2 AMI State Change", {{"ImageId", id}, {"State", fails ? "failed" : "available"}});
        }
    });
    return id;
}

}  // namespace simulation
