#include <algorithm>

#include "manager/translate.hpp"
#include "simulation/manager.hpp"

/// The sweeper's look at everything that carries our store's tag.
namespace simulation {

using namespace fleet;

namespace {

aws::Tags to_aws(const Tags& tags) {
    return {{manager::tag_name, tags.name},
            {manager::tag_uid, tags.uid},
            {manager::tag_generation, std::to_string(tags.generation)},
            {manager::tag_token, tags.token}};
}

aws::ImageState to_aws(ImageState state) {
    switch (state) {
        case ImageState::pending:
            return aws::ImageState::pending;
        case ImageState::available:
            return aws::ImageState::available;
        default:
            return aws::ImageState::failed;
    }
}

/// A spot request's machine does not carry its token.
aws::Tags to_aws(const ModelMachine& machine) {
    auto tags = to_aws(machine.tags);
    if (!machine.of_fleet) {
        tags.erase(manager::tag_token);
    }
    return tags;
}

}  // namespace

/// What carries our store's tag and is in no record: the program's own function decides what it is.
Manager::NamedFacts Manager::look_at_what_is_tagged(const ModelEc2& seen) {
    std::vector<aws::SpotRequest> requests;
    for (const auto& [id, request] : seen.requests) {
        if (!request.tags.uid.empty() && request.state <= RequestState::active &&
            request.visible_from <= stage_.now()) {
            requests.push_back({.id = id,
                                .state = request.state == RequestState::open ? aws::SpotRequestState::open
                                                                             : aws::SpotRequestState::active,
                                .instance_id = request.machine.value_or(""),
                                .created = request.made,
                                .tags = to_aws(request.tags)});
        }
    }
    std::vector<aws::Instance> machines;
    for (const auto& [id, machine] : seen.machines) {
        const bool ours = machine.is_ours() || stage_.mutation == Mutation::strangers_are_ended;
        if (ours && machine.state < Ec2State::shutting_down) {
            machines.push_back({.id = id,
                                .instance_type = machine.pool.instance_type,
                                .subnet_id = machine.pool.subnet_id,
                                .spot_request_id = machine.request,
                                .spot = machine.pool.market == Market::spot,
                                .launched = machine.launched,
                                .tags = to_aws(machine)});
        }
    }
    const auto made = tagged_images(seen);
    auto unkept = made;
    if (stage_.mutation != Mutation::kept_images_are_ended) {
        manager::leave_out(unkept, ledger_.kept_ids());
    }
    manager::Records records;
    for (const auto& [name, record] : ledger_.records()) {
        records[name] = std::make_shared<const Record>(record);
    }
    manager::Graves graves = ledger_.graves();
    if (stage_.mutation == Mutation::strangers_are_ended) {
        graves[""] = {};
    }
    auto found = manager::sort_unrecorded({std::move(requests), std::move(machines), {}, std::move(unkept)},
                                          records, graves, orphans_, stage_.now(), policy_);
    manager::FirstSeen orphans;
    for (const auto& orphan : found.orphans) {
        const auto known = orphans_.find(orphan.id);
        orphans[orphan.id] = known == orphans_.end() ? stage_.now() : known->second;
    }
    orphans_ = std::move(orphans);
    for (const auto& orphan : found.to_end) {
        end_orphan(orphan);
    }
    auto facts = manager::news_of(made.images, records, stage_.now());
    std::ranges::move(found.adopted, std::back_inserter(facts));
    return facts;
}

void Manager::end_orphan(const manager::Orphan& orphan) {
    stage_.story.tell(stage_.now(), "manager", orphan.name, "ends the orphan {}", orphan.id);
    if (orphan.kind == "image") {
        checks_.ending_image(orphan.id);
        world_.ec2.images.erase(orphan.id);
    } else if (orphan.kind == "snapshot") {
        checks_.ending_image(world_.ec2.snapshots.at(orphan.id).image);
        world_.ec2.snapshots.erase(orphan.id);
    } else {
        checks_.ending(orphan.id);
        world_.end_machine(orphan.id);
    }
}

manager::TaggedImages Manager::tagged_images(const ModelEc2& seen) const {
    manager::TaggedImages tagged;
    for (const auto& [id, image] : seen.images) {
        if (!image.uid.empty() && image.visible_from <= stage_.now()) {
            auto described = seen.describe_image(id);
            tagged.images.push_back({.id = id,
                                     .name = image.ami_name,
                                     .state = to_aws(image.state),
                                     .state_reason = {},
                                     .created = image.made,
                                     .snapshot_ids = std::move(described.snapshots),
                                     .tags = to_aws({.name = image.name, .uid = image.uid})});
        }
    }
    for (const auto& [id, snapshot] : seen.snapshots) {
        tagged.snapshots.push_back({.id = id,
                                    .state = "completed",
                                    .description = "Created by CreateImage for " + snapshot.image,
                                    .started = snapshot.made,
                                    .tags = to_aws({.name = snapshot.name, .uid = snapshot.uid})});
    }
    return tagged;
}

}  // namespace simulation
