#include <algorithm>

#include "fleet/images.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"

/// What is to be done about images in AWS.
namespace fleet {
namespace {

Action about(ActionKind kind, const Image& image, std::string_view what, const std::string& id) {
    return {.kind = kind, .key = image_key(image.number, what), .image = image.number, .id = id};
}

/// What may have been sent is looked up by its AMI name before it is sent again. One key for both: nobody
/// looks while the call is under way.
Action make(const Image& image, bool wanted, const Policy& policy) {
    if (!image.sent) {
        return about(ActionKind::create_image, image, "make", image.machine);
    }
    const Time visible = *image.sent + policy.visible_after;
    if (wanted && !image.refused && image.not_found && *image.not_found >= visible) {
        return about(ActionKind::create_image, image, "make", image.machine);
    }
    auto action = about(ActionKind::follow_image, image, "make", image.ami_name);
    if (image.not_found) {
        action.not_before =
            std::min(*image.not_found + policy.image_every, std::max(visible, *image.not_found));
    }
    return action;
}

/// EC2 has said nothing of it yet, or it was told to have changed. What is pending is looked at by the
/// sweeps, all names' together.
bool is_to_be_followed(const Image& image) {
    return !image.id.empty() && !image.deregistered && !image.removing &&
           (image.state == ImageState::unknown || image.doubted);
}

}  // namespace

std::vector<Action> image_actions(const Record& record, Time now, const Policy& policy) {
    std::vector<Action> actions;
    const auto* subject = subject_of(record, now, policy);
    for (const auto& image : record.images) {
        const bool ours = image.origin == ImageOrigin::made;
        if (ours && !image.answered && !image.deregistered) {
            const bool wanted = subject && subject->generation == image.generation;
            if (wanted || image.sent) {
                actions.push_back(make(image, wanted, policy));
            }
            continue;
        }
        if (is_to_be_followed(image) && !record.retirement) {
            actions.push_back(about(ActionKind::follow_image, image, "follow", image.id));
        }
        if (ours && image.available && !image.announced && !image.removing && !record.retirement) {
            actions.push_back(about(ActionKind::announce_image, image, "announce", image.id));
        }
        if (image.removing && !image.deregistered) {
            auto action = about(ActionKind::deregister_image, image, "deregister", image.id);
            if (image.reboot && image.sent && !image.rebooted && !record.retirement) {
                // Until then it tells that its machine is being rebooted.
                action.not_before = *image.sent + policy.reboot_for;
            }
            actions.push_back(std::move(action));
        }
        for (const auto& snapshot : image.snapshots) {
            if (image.removing && image.deregistered) {
                actions.push_back(
                    about(ActionKind::delete_snapshot, image, "snapshot/" + snapshot, snapshot));
            }
        }
    }
    return actions;
}

}  // namespace fleet
