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
    const auto found = seen.images.find(id);
    if (found == seen.images.end()) {
        return {now, ImageAbsent{id}};
    }
    return {now, ImageDescribed{.id = id, .state = found->second.state, .snapshots = seen.snapshots_of(id)}};
}

}  // namespace

void Manager::create_image(const Work& work) {
    const int number = work.action.image;
    tell(work.name(), {now_that(ImageSending{number})});
    const auto* record = find(work.name());
    const bool same = record && record->uid == work.record->uid;
    const auto* image = same ? find_image(*record, number) : nullptr;
    if (!image || !image->sent || image->answered) {
        return conclude(work, {});
    }
    after(1ms, [this, work, ami_name = image->ami_name, reboot = image->reboot] {
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

Manager::Facts Manager::answer_about_image(const Action& action) {
    auto& ec2 = world_.ec2;
    if (action.kind == ActionKind::delete_snapshot) {
        const auto snapshot = ec2.snapshots.find(action.id);
        if (snapshot != ec2.snapshots.end() && ec2.images.contains(snapshot->second)) {
            return {now_that(ActionFailed{action.key, "InvalidSnapshot.InUse"})};
        }
        ec2.snapshots.erase(action.id);
        return {now_that(SnapshotDeleted{action.id})};
    }
    if (action.kind == ActionKind::deregister_image) {
        checks_.deregistering(action.id);
        ec2.images.erase(action.id);
        return {now_that(ImageDeregistered{action.id})};
    }
    const auto& seen = world_.read();
    if (!action.id.starts_with("ami-")) {
        const auto* id = seen.find_image(action.id, stage_.now());
        return {id ? now_that(ImageAnswered{action.image, *id}) : now_that(ImageNotFound{action.image})};
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
        world_.send(sign_command(store_key, "image_created", "announced-" + work.action.id, stage_.now(),
                                 boost::json::serialize(base::to_json(order))),
                    web_endpoint);
        return {now_that(NotYet{work.action.key})};
    });
}

}  // namespace simulation
