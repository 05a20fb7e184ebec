#include <fmt/format.h>

#include <algorithm>

#include "simulation/model_ec2.hpp"

/// Images and their snapshots.
namespace simulation {

using fleet::ImageState;

std::string ModelEc2::make_image(ModelImage image) {
    auto id = fmt::format("ami-{:08x}", ++next_id_);
    for (int disk = 0; disk < 2 && !image.uid.empty(); ++disk) {
        snapshots[fmt::format("snap-{:08x}", ++next_id_)] = {
            .image = id, .uid = image.uid, .name = image.name, .made = image.made};
    }
    images[id] = std::move(image);
    return id;
}

const std::string* ModelEc2::find_image(const std::string& ami_name, Time now) const {
    const auto found = std::ranges::find_if(images, [&](const auto& entry) {
        return entry.second.ami_name == ami_name && entry.second.visible_from <= now;
    });
    return found == images.end() ? nullptr : &found->first;
}

bool ModelEc2::has_image(const std::string& id) const {
    const auto found = images.find(id);
    return found != images.end() && found->second.state == ImageState::available;
}

std::vector<std::string> ModelEc2::snapshots_of(const std::string& image) const {
    std::vector<std::string> ids;
    for (const auto& [id, snapshot] : snapshots) {
        if (snapshot.image == image) {
            ids.push_back(id);
        }
    }
    return ids;
}

fleet::ImageDescribed ModelEc2::describe_image(const std::string& id) const {
    const auto state = images.at(id).state;
    return {.id = id,
            .state = state,
            .snapshots = state == ImageState::available ? snapshots_of(id) : std::vector<std::string>{}};
}

}  // namespace simulation
