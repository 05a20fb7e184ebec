#include "manager/translate.hpp"

#include <algorithm>
#include <iterator>

#include "fleet/command.hpp"
#include "fleet/images.hpp"
#include "fleet/user_data.hpp"

namespace manager {
namespace {

std::optional<int> to_int(const std::optional<std::int64_t>& value) {
    return value ? std::optional{static_cast<int>(*value)} : std::nullopt;
}

aws::BlockDeviceMapping to_aws(const fleet::BlockDeviceMapping& mapping) {
    const auto ebs = mapping.ebs.value_or(fleet::EbsDevice{});
    return {.device_name = mapping.device_name,
            .virtual_name = mapping.virtual_name.value_or(""),
            .volume_size = to_int(ebs.volume_size),
            .volume_type = ebs.volume_type.value_or(""),
            .snapshot_id = ebs.snapshot_id.value_or(""),
            .iops = to_int(ebs.iops),
            .throughput = to_int(ebs.throughput),
            .encrypted = ebs.encrypted,
            .delete_on_termination = ebs.delete_on_termination};
}

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

/// What a name's machines have in common, whatever the pool.
aws::LaunchSpecification to_launch(const fleet::Record& record, const Settings& settings) {
    const auto& spec = record.spec;
    aws::LaunchSpecification launch;
    // An attempt says from which image of the chain.
    launch.image_id = spec.image_id == fleet::latest_image ? "" : spec.image_id;
    launch.security_group_ids = spec.security_group_ids;
    launch.key_name = spec.key_name.value_or("");
    launch.iam_instance_profile = spec.iam_instance_profile.value_or("");
    launch.associate_public_ip_address = spec.public_ip;
    std::ranges::transform(spec.block_device_mappings, std::back_inserter(launch.block_device_mappings),
                           to_aws);
    launch.user_data = fleet::render_user_data(
        spec.user_data, {.name = record.name(),
                         .queue_url = settings.queue_url,
                         .region = settings.region,
                         .token = fleet::report_token(settings.rules.key, record.uid)});
    return launch;
}

}  // namespace

fleet::Ec2State to_fleet(aws::InstanceState state) {
    switch (state) {
        case aws::InstanceState::pending:
            return fleet::Ec2State::pending;
        case aws::InstanceState::running:
            return fleet::Ec2State::running;
        case aws::InstanceState::stopping:
            return fleet::Ec2State::stopping;
        case aws::InstanceState::stopped:
            return fleet::Ec2State::stopped;
        case aws::InstanceState::shutting_down:
            return fleet::Ec2State::shutting_down;
        case aws::InstanceState::terminated:
            return fleet::Ec2State::terminated;
        case aws::InstanceState::unknown:
            break;
    }
    return fleet::Ec2State::unknown;
}

fleet::RequestState to_fleet(aws::SpotRequestState state) {
    switch (state) {
        case aws::SpotRequestState::open:
            return fleet::RequestState::open;
        case aws::SpotRequestState::active:
            return fleet::RequestState::active;
        case aws::SpotRequestState::closed:
            return fleet::RequestState::closed;
        case aws::SpotRequestState::cancelled:
            return fleet::RequestState::cancelled;
        case aws::SpotRequestState::failed:
            return fleet::RequestState::failed;
        // EC2 suspends a request that a person disabled: it may still be given a machine.
        case aws::SpotRequestState::disabled:
        case aws::SpotRequestState::unknown:
            break;
    }
    return fleet::RequestState::unknown;
}

fleet::ImageState to_fleet(aws::ImageState state) {
    switch (state) {
        case aws::ImageState::pending:
        case aws::ImageState::transient:
            return fleet::ImageState::pending;
        case aws::ImageState::available:
            return fleet::ImageState::available;
        case aws::ImageState::disabled:
            return fleet::ImageState::disabled;
        case aws::ImageState::failed:
        case aws::ImageState::error:
        case aws::ImageState::invalid:
            return fleet::ImageState::failed;
        // One that is being deregistered is described until it is absent.
        case aws::ImageState::deregistered:
        case aws::ImageState::unknown:
            break;
    }
    return fleet::ImageState::unknown;
}

fleet::MachineDescribed to_fact(const aws::Instance& instance) {
    return {.machine = instance.id,
            .state = to_fleet(instance.state),
            .addresses = {if_any(instance.private_address), if_any(instance.public_address)},
            .reason = instance.state_reason_code,
            .request = if_any(instance.spot_request_id)};
}

fleet::RequestDescribed to_fact(const aws::SpotRequest& request) {
    std::string status = request.status_code;
    if (!request.status_message.empty()) {
        status += (status.empty() ? "" : ": ") + request.status_message;
    }
    if (!request.fault_message.empty()) {
        status += " (" + request.fault_message + ")";
    }
    return {.request = request.id,
            .state = to_fleet(request.state),
            .status = std::move(status),
            .machine = if_any(request.instance_id),
            .status_since = request.status_time};
}

fleet::ImageDescribed to_fact(const aws::Image& image) {
    return {.id = image.id,
            .state = to_fleet(image.state),
            .snapshots = image.snapshot_ids,
            .reason = image.state_reason};
}

aws::CreateImageInput to_image_input(const fleet::Record& record, const fleet::Image& image,
                                     const std::string& store_id) {
    aws::CreateImageInput input;
    input.instance_id = image.machine;
    input.name = image.ami_name;
    input.description = "of " + record.name() + " by spot-manager, of machine " + image.machine;
    input.no_reboot = !image.reboot;
    input.tags = tags_of(record, store_id);
    input.tags[tag_time] = base::format_time(image.chosen);
    return input;
}

aws::Tags tags_of(const fleet::Record& record, const std::string& store_id) {
    aws::Tags tags(record.spec.tags.begin(), record.spec.tags.end());
    tags.try_emplace("Name", record.name());
    tags[tag_store] = store_id;
    tags[tag_name] = record.name();
    tags[tag_uid] = record.uid;
    return tags;
}

aws::Tags tags_of(const fleet::Record& record, int generation, const std::string& store_id) {
    auto tags = tags_of(record, store_id);
    tags[tag_generation] = std::to_string(generation);
    if (std::ranges::find(record.tests, generation, &fleet::Launch::generation) != record.tests.end()) {
        tags[tag_test] = "image";
    }
    return tags;
}

aws::RequestSpotInstancesInput to_input(const fleet::Record& record, int generation,
                                        const fleet::Attempt& attempt, const std::string& store_id,
                                        const Settings& settings) {
    aws::RequestSpotInstancesInput input;
    input.client_token = attempt.token;
    input.valid_until = attempt.valid_until;
    input.max_price = attempt.max_price.value_or("");
    input.request_tags = tags_of(record, generation, store_id);
    input.request_tags[tag_token] = attempt.token;
    input.launch = to_launch(record, settings);
    input.launch.image_id = attempt.image_id;
    input.launch.security_group_ids = fleet::security_groups_of(record, generation);
    input.launch.instance_type = attempt.pool.instance_type;
    input.launch.subnet_id = attempt.pool.subnet_id;
    return input;
}

aws::CreateFleetInput to_fleet_input(const fleet::Record& record, int generation,
                                     const fleet::Attempt& attempt, const std::string& store_id) {
    const auto launch_template = record.launch_template.value_or(fleet::LaunchTemplate{});
    aws::CreateFleetInput input;
    input.client_token = attempt.token;
    input.template_id = launch_template.id;
    input.template_version = std::to_string(launch_template.version);
    for (const auto& pool : attempt.pools) {
        input.overrides.push_back({.instance_type = pool.instance_type,
                                   .subnet_id = pool.subnet_id,
                                   .image_id = attempt.image_id,
                                   .max_price = attempt.max_price.value_or("")});
    }
    input.spot = attempt.pool.market == fleet::Market::spot;
    input.tags = tags_of(record, generation, store_id);
    input.tags[tag_token] = attempt.token;
    return input;
}

std::string template_name(const fleet::Record& record, const std::string& store_id) {
    return "spot-manager-" + store_id + "-" + record.uid;
}

aws::LaunchTemplateData to_template_data(const fleet::Record& record, const std::string& store_id,
                                         const Settings& settings) {
    return {.launch = to_launch(record, settings), .interface_tags = tags_of(record, store_id)};
}

fleet::Pool to_pool(const aws::Instance& instance) {
    return {instance.instance_type, instance.subnet_id,
            instance.spot ? fleet::Market::spot : fleet::Market::on_demand};
}

}  // namespace manager
