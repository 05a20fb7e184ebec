#include <algorithm>
#include <boost/json/serialize.hpp>

#include "fleet/command.hpp"
#include "fleet/images.hpp"
#include "simulation/manager.hpp"
#include "simulation/messages.hpp"

/// The calls about images and their snapshots.
namespace simulation {

using namespace fleet;

namespace {

Fact look_at_image(const ModelEc2& seen, const std::string& id, Time now) {
    return seen.images.contains(id) ? Fact{now, seen.describe_image(id)} : Fact{now, ImageAbsent{id}};
}

}  // namespace

void Manager::create_image(const Work& work) {
    const bool hasty = stage_.mutation == Mutation::image_is_made_of_anything;
    const int number = work.action.image;
    if (hasty) {
        // The machine is not looked at again.
        return after(5min, [this, work, number] {
            const auto& image = *find_image(*work.record, number);
            checks_.making_image(work.name(), image);
            call(work, [this, work, name = image.ami_name, reboot = image.reboot] {
                return take_image(work, name, reboot);
            });
        });
    }
    const auto* record = find(work.name());
    const bool same = record && record->uid == work.record->uid;
    const auto is_meant = [&](const Action& action) {
        return action.kind == work.action.kind && action.key == work.action.key;
    };
    if (!same || std::ranges::none_of(pending(*record, stage_.now(), policy_), is_meant)) {
        return conclude(work, {});
    }
    tell(work.name(), {now_that(ImageSending{number})});
    const auto image = *find_image(*work.record, number);
    checks_.making_image(work.name(), image);
    after(1ms, [this, work, ami_name = image.ami_name, reboot = image.reboot] {
        call(work, [this, work, ami_name, reboot] { return take_image(work, ami_name, reboot); });
    });
}

Manager::Facts Manager::take_image(const Work& work, const std::string& ami_name, bool reboot) {
    const int number = work.action.image;
    if (const auto* known = world_.ec2.find_image(ami_name, Time::max())) {
        // EC2 says InvalidAMIName.Duplicate, and it is looked up.
        return {now_that(ImageAnswered{number, *known})};
    }
    const auto machine = world_.ec2.machines.find(work.action.id);
    if (machine == world_.ec2.machines.end() || machine->second.state != Ec2State::running) {
        return {now_that(ImageRefused{number, "IncorrectInstanceState"})};
    }
    if (stage_.chance.percent(stage_.settings.refused)) {
        return {now_that(ImageRefused{number, "EC2 says no"})};
    }
    return {now_that(ImageAnswered{number, world_.begin_image(work.action.id, ami_name, reboot)})};
}

/// The snapshots of an image that was never available are learned before it is gone.
void Manager::deregister_image(const Work& work) {
    const auto* image = find_image(*work.record, work.action.image);
    if (image && !image->available && image->snapshots.empty()) {
        auto ids = world_.ec2.snapshots_of(work.action.id);
        if (!ids.empty()) {
            tell(work.name(),
                 {now_that(ImageDescribed{
                     .id = work.action.id, .state = image->state, .snapshots = std::move(ids)})});
        }
    }
    call(work, [this, action = work.action] { return take_deregistration(action); });
}

Manager::Facts Manager::take_deregistration(const Action& action) {
    if (stage_.chance.percent(stage_.settings.refused)) {
        return {now_that(ActionFailed{action.key, "EC2 says no"})};
    }
    checks_.deregistering(action.id);
    world_.remove_image(action.id);
    return {now_that(ImageDeregistered{action.id})};
}

Manager::Facts Manager::take_deletion(const Action& action) {
    auto& ec2 = world_.ec2;
    const auto snapshot = ec2.snapshots.find(action.id);
    const bool in_use = snapshot != ec2.snapshots.end() && ec2.images.contains(snapshot->second.image);
    if (in_use || stage_.chance.percent(stage_.settings.refused)) {
        return {now_that(ActionFailed{action.key, "EC2 says no"})};
    }
    ec2.snapshots.erase(action.id);
    return {now_that(SnapshotDeleted{action.id})};
}

Manager::Facts Manager::answer_about_image(const Action& action) {
    const auto& seen = world_.read();
    if (!action.id.starts_with("ami-")) {
        const auto* id = seen.find_image(action.id, stage_.now());
        return id ? Facts{now_that(ImageAnswered{action.image, *id}), now_that(seen.describe_image(*id))}
                  : Facts{now_that(ImageNotFound{action.image})};
    }
    return {look_at_image(seen, action.id, stage_.now())};
}

/// Those of which something new may be told, all names' together.
Manager::NamedFacts Manager::look_at_images(const ModelEc2& seen) const {
    NamedFacts facts;
    for (const auto& [name, record] : ledger_.records()) {
        for (const auto& image : record.images) {
            if (manager::is_unsettled(image)) {
                facts.emplace_back(name, look_at_image(seen, image.id, stage_.now()));
            }
        }
    }
    return facts;
}

void Manager::announce_image(const Work& work) {
    call(work, [this, work]() -> Facts {
        const ImageOrder order{work.name(), work.record->uid, work.action.id};
        world_.send(sign_command(store_key, "image_created",
                                 fmt::format("announced-{}-{}", work.action.id,
                                             stage_.now().time_since_epoch().count()),
                                 stage_.now(), boost::json::serialize(base::to_json(order))),
                    web_endpoint);
        return {now_that(NotYet{work.action.key})};
    });
}

}  // namespace simulation
