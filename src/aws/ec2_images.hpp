#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"
#include "aws/ec2_types.hpp"

/// EC2's machine images (AMIs) and the snapshots that hold their disks.
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
namespace aws {

struct DescribePageInput;

/// Without a client token: the name, which an account may use once, is what makes a repeat safe.
struct CreateImageInput {
    std::string instance_id;
    std::string name;         ///< 3 to 128 of `A-Za-z0-9()[] ./-'@_`; taken: a conflict
    std::string description;  ///< up to 255 characters; empty: none
    bool no_reboot = true;    ///< false: EC2 reboots the machine, so that its disks are at rest
    Tags tags;                ///< of the image and of its snapshots
};

enum class ImageState {
    unknown,
    pending,
    available,
    invalid,
    deregistered,
    transient,
    failed,
    error,
    disabled
};

/// AWS's words. `unknown` for a word that is not known.
std::string_view to_string(ImageState state);
ImageState parse_image_state(std::string_view word);

struct Image {
    std::string id;  ///< `ami-...`
    std::string name;
    ImageState state = ImageState::unknown;
    std::string state_reason;  ///< why it failed, in EC2's words
    std::optional<base::Time> created;
    std::vector<std::string> snapshot_ids;  ///< of its disks, as far as they are known yet
    Tags tags;
};

struct Snapshot {
    std::string id;     ///< `snap-...`
    std::string state;  ///< `pending`, `completed`, `error`, `recoverable`, `recovering`
    std::string description;
    std::optional<base::Time> started;
    Tags tags;
};

struct DescribeImagesPage {
    std::vector<Image> images;
    std::string next_token;
};

struct DescribeSnapshotsPage {
    std::vector<Snapshot> snapshots;
    std::string next_token;
};

Call build_create_image(const CreateImageInput& input);
/// Of this account alone: the public ones are beyond counting. One that a person disabled is not gone.
Call build_describe_images(const DescribePageInput& input);
/// Of any account, deprecated and disabled ones too: to be asked with a filter that names the images.
Call build_describe_any_images(const DescribePageInput& input);
Call build_deregister_image(const std::string& id);
/// Of this account alone.
Call build_describe_snapshots(const DescribePageInput& input);
Call build_delete_snapshot(const std::string& id);

/// The image's id.
Result<std::string> parse_create_image(std::string_view body);
Result<DescribeImagesPage> parse_describe_images(std::string_view body);
Result<DescribeSnapshotsPage> parse_describe_snapshots(std::string_view body);

}  // namespace aws
