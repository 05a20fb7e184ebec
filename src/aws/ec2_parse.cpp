#include <fmt/format.h>

#include "aws/ec2.hpp"
#include "aws/xml.hpp"

/// The answer side of EC2. Lists are elements that hold `item`s.
namespace aws {
namespace {

Tags read_tags(const pugi::xml_node& node) {
    Tags tags;
    for (const auto& tag : node.child("tagSet").children("item")) {
        tags.insert_or_assign(xml::text(tag, "key"), xml::text(tag, "value"));
    }
    return tags;
}

InstanceState read_state(const pugi::xml_node& state) {
    return parse_instance_state(xml::text(state, "name"));
}

SpotRequest read_spot_request(const pugi::xml_node& item) {
    const auto launch = item.child("launchSpecification");
    return {
        .id = xml::text(item, "spotInstanceRequestId"),
        .state = parse_spot_request_state(xml::text(item, "state")),
        .status_code = xml::text(item.child("status"), "code"),
        .status_message = xml::text(item.child("status"), "message"),
        .status_time = xml::time(item.child("status"), "updateTime"),
        .fault_code = xml::text(item.child("fault"), "code"),
        .fault_message = xml::text(item.child("fault"), "message"),
        .instance_id = xml::text(item, "instanceId"),
        .availability_zone = xml::text(item, "launchedAvailabilityZone"),
        .instance_type = xml::text(launch, "instanceType"),
        .image_id = xml::text(launch, "imageId"),
        .max_price = xml::text(item, "spotPrice"),
        .created = xml::time(item, "createTime"),
        .valid_until = xml::time(item, "validUntil"),
        .tags = read_tags(item),
    };
}

Instance read_instance(const pugi::xml_node& item) {
    return {
        .id = xml::text(item, "instanceId"),
        .state = read_state(item.child("instanceState")),
        .state_reason_code = xml::text(item.child("stateReason"), "code"),
        .state_reason_message = xml::text(item.child("stateReason"), "message"),
        .private_address = xml::text(item, "privateIpAddress"),
        .public_address = xml::text(item, "ipAddress"),
        .instance_type = xml::text(item, "instanceType"),
        .image_id = xml::text(item, "imageId"),
        .availability_zone = xml::text(item.child("placement"), "availabilityZone"),
        .subnet_id = xml::text(item, "subnetId"),
        .spot_request_id = xml::text(item, "spotInstanceRequestId"),
        .spot = xml::text(item, "instanceLifecycle") == "spot",
        .client_token = xml::text(item, "clientToken"),
        .launched = xml::time(item, "launchTime"),
        .tags = read_tags(item),
    };
}

InstanceStatus read_instance_status(const pugi::xml_node& item) {
    InstanceStatus status{.id = xml::text(item, "instanceId"),
                          .instance_status = xml::text(item.child("instanceStatus"), "status"),
                          .system_status = xml::text(item.child("systemStatus"), "status"),
                          .events = {}};
    for (const auto& event : item.child("eventsSet").children("item")) {
        status.events.push_back({.code = xml::text(event, "code"),
                                 .description = xml::text(event, "description"),
                                 .not_before = xml::time(event, "notBefore")});
    }
    return status;
}

/// What makes an item of no use: a caller must not take it for a thing that it never heard of.
std::unexpected<Error> missing(const char* root, const char* field) {
    return unreadable(fmt::format("{}: an item has no {}", root, field));
}

Result<std::vector<SpotRequest>> read_spot_requests(const pugi::xml_node& root) {
    std::vector<SpotRequest> requests;
    for (const auto& item : root.child("spotInstanceRequestSet").children("item")) {
        requests.push_back(read_spot_request(item));
        if (requests.back().id.empty()) {
            return missing(root.name(), "spotInstanceRequestId");
        }
    }
    return requests;
}

}  // namespace

Result<RequestSpotInstancesOutput> parse_request_spot_instances(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "RequestSpotInstancesResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    auto requests = read_spot_requests(*root);
    if (!requests) {
        return std::unexpected(requests.error());
    }
    return RequestSpotInstancesOutput{std::move(*requests)};
}

Result<DescribeSpotInstanceRequestsPage> parse_describe_spot_instance_requests(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "DescribeSpotInstanceRequestsResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    auto requests = read_spot_requests(*root);
    if (!requests) {
        return std::unexpected(requests.error());
    }
    return DescribeSpotInstanceRequestsPage{std::move(*requests), xml::text(*root, "nextToken")};
}

Result<std::vector<CancelledSpotRequest>> parse_cancel_spot_instance_requests(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "CancelSpotInstanceRequestsResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    std::vector<CancelledSpotRequest> cancelled;
    for (const auto& item : root->child("spotInstanceRequestSet").children("item")) {
        cancelled.push_back({xml::text(item, "spotInstanceRequestId"), xml::text(item, "state")});
        if (cancelled.back().id.empty()) {
            return missing(root->name(), "spotInstanceRequestId");
        }
    }
    return cancelled;
}

Result<DescribeInstancesPage> parse_describe_instances(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "DescribeInstancesResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    DescribeInstancesPage page;
    page.next_token = xml::text(*root, "nextToken");
    for (const auto& reservation : root->child("reservationSet").children("item")) {
        for (const auto& item : reservation.child("instancesSet").children("item")) {
            page.instances.push_back(read_instance(item));
            if (page.instances.back().id.empty()) {
                return missing(root->name(), "instanceId");
            }
        }
    }
    return page;
}

Result<DescribeInstanceStatusPage> parse_describe_instance_status(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "DescribeInstanceStatusResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    DescribeInstanceStatusPage page;
    page.next_token = xml::text(*root, "nextToken");
    for (const auto& item : root->child("instanceStatusSet").children("item")) {
        page.statuses.push_back(read_instance_status(item));
        if (page.statuses.back().id.empty()) {
            return missing(root->name(), "instanceId");
        }
    }
    return page;
}

Result<std::vector<InstanceStateChange>> parse_terminate_instances(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "TerminateInstancesResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    std::vector<InstanceStateChange> changes;
    for (const auto& item : root->child("instancesSet").children("item")) {
        changes.push_back({.id = xml::text(item, "instanceId"),
                           .previous = read_state(item.child("previousState")),
                           .current = read_state(item.child("currentState"))});
        if (changes.back().id.empty()) {
            return missing(root->name(), "instanceId");
        }
    }
    return changes;
}

}  // namespace aws
