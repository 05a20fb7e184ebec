#include "aws/ec2_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "aws/ec2_form.hpp"
#include "aws/xml.hpp"

namespace aws {
namespace {

using enum ImageState;

struct ImageStateName {
    ImageState state;
    std::string_view name;
};

constexpr auto image_states = std::to_array<ImageStateName>({
    {pending, "pending"},
    {available, "available"},
    {invalid, "invalid"},
    {deregistered, "deregistered"},
    {transient, "transient"},
    {failed, "failed"},
    {error, "error"},
    {disabled, "disabled"},
});

Tags read_tags(const pugi::xml_node& item) {
    Tags tags;
    for (const auto& tag : item.child("tagSet").children("item")) {
        tags.insert_or_assign(xml::text(tag, "key"), xml::text(tag, "value"));
    }
    return tags;
}

Image read_image(const pugi::xml_node& item) {
    Image image{
        .id = xml::text(item, "imageId"),
        .name = xml::text(item, "name"),
        .state = parse_image_state(xml::text(item, "imageState")),
        .state_reason = xml::text(item.child("stateReason"), "message"),
        .created = xml::time(item, "creationDate"),
        .snapshot_ids = {},
        .tags = read_tags(item),
    };
    for (const auto& disk : item.child("blockDeviceMapping").children("item")) {
        if (auto id = xml::text(disk.child("ebs"), "snapshotId"); !id.empty()) {
            image.snapshot_ids.push_back(std::move(id));
        }
    }
    return image;
}

Snapshot read_snapshot(const pugi::xml_node& item) {
    return {
        .id = xml::text(item, "snapshotId"),
        .state = xml::text(item, "status"),
        .description = xml::text(item, "description"),
        .started = xml::time(item, "startTime"),
        .tags = read_tags(item),
    };
}

}  // namespace

std::string_view to_string(ImageState state) {
    const auto* found = std::ranges::find(image_states, state, &ImageStateName::state);
    return found != image_states.end() ? found->name : "unknown";
}

ImageState parse_image_state(std::string_view word) {
    const auto* found = std::ranges::find(image_states, word, &ImageStateName::name);
    return found != image_states.end() ? found->state : unknown;
}

Call build_create_image(const CreateImageInput& input) {
    auto call = ec2_call("CreateImage");
    call.add("InstanceId", std::string_view(input.instance_id));
    call.add("Name", std::string_view(input.name));
    call.add_unless_empty("Description", input.description);
    call.add("NoReboot", input.no_reboot);
    if (!input.tags.empty()) {
        int number = 0;
        for (const char* resource : std::array{"image", "snapshot"}) {
            const auto prefix = fmt::format("TagSpecification.{}.", ++number);
            call.add(prefix + "ResourceType", std::string_view(resource));
            add_tags(call, prefix, input.tags);
        }
    }
    return std::move(call).build();
}

Call build_describe_images(const DescribePageInput& input) {
    return build_describe("DescribeImages", input, {{"Owner.1", "self"}, {"IncludeDisabled", "true"}});
}

Call build_describe_any_images(const DescribePageInput& input) {
    return build_describe("DescribeImages", input,
                          {{"IncludeDeprecated", "true"}, {"IncludeDisabled", "true"}});
}

Call build_deregister_image(const std::string& id) {
    auto call = ec2_call("DeregisterImage");
    call.add("ImageId", std::string_view(id));
    return std::move(call).build();
}

Call build_describe_snapshots(const DescribePageInput& input) {
    return build_describe("DescribeSnapshots", input, {{"Owner.1", "self"}});
}

Call build_delete_snapshot(const std::string& id) {
    auto call = ec2_call("DeleteSnapshot");
    call.add("SnapshotId", std::string_view(id));
    return std::move(call).build();
}

Result<std::string> parse_create_image(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "CreateImageResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    auto id = xml::text(*root, "imageId");
    if (id.empty()) {
        return unreadable("CreateImageResponse: no imageId");
    }
    return id;
}

Result<DescribeImagesPage> parse_describe_images(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "DescribeImagesResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    DescribeImagesPage page;
    page.next_token = xml::text(*root, "nextToken");
    for (const auto& item : root->child("imagesSet").children("item")) {
        page.images.push_back(read_image(item));
        if (page.images.back().id.empty()) {
            return unreadable("DescribeImagesResponse: an item has no imageId");
        }
    }
    return page;
}

Result<DescribeSnapshotsPage> parse_describe_snapshots(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "DescribeSnapshotsResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    DescribeSnapshotsPage page;
    page.next_token = xml::text(*root, "nextToken");
    for (const auto& item : root->child("snapshotSet").children("item")) {
        page.snapshots.push_back(read_snapshot(item));
        if (page.snapshots.back().id.empty()) {
            return unreadable("DescribeSnapshotsResponse: an item has no snapshotId");
        }
    }
    return page;
}

}  // namespace aws
