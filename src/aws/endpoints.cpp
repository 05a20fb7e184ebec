#include "aws/endpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aws {
namespace {

struct PartitionRule {
    std::string_view region_prefix;
    Partition partition;
};

constexpr Partition standard = {"aws", "amazonaws.com", "route53.amazonaws.com", "us-east-1"};

/// The partitions whose regions have a form of their own.
constexpr std::array<PartitionRule, 7> special = {{
    {"us-gov-", {"aws-us-gov", "amazonaws.com", "route53.us-gov.amazonaws.com", "us-gov-west-1"}},
    {"cn-", {"aws-cn", "amazonaws.com.cn", "route53.amazonaws.com.cn", "cn-northwest-1"}},
    {"eusc-", {"aws-eusc", "amazonaws.eu", "route53.amazonaws.eu", "eusc-de-east-1"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov", "route53.c2s.ic.gov", "us-iso-east-1"}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov", "route53.sc2s.sgov.gov", "us-isob-east-1"}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk", "route53.cloud.adc-e.uk", "eu-isoe-west-1"}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov", "route53.csp.hci.ic.gov", "us-isof-south-1"}},
}};

bool is_region_name(std::string_view region) {
    return !region.empty() && region.size() <= 63 && std::ranges::all_of(region, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

}  // namespace

std::string_view to_string(Service service) {
    switch (service) {
        case Service::sqs:
            return "sqs";
        case Service::ec2:
            return "ec2";
        case Service::route53:
            return "route53";
        case Service::sts:
            return "sts";
    }
    return "?";
}

std::string_view settings_name(Service service) {
    return service == Service::route53 ? "route_53" : to_string(service);
}

const Partition& partition_of(std::string_view region) {
    const auto* found = std::ranges::find_if(
        special, [&](const auto& rule) { return region.starts_with(rule.region_prefix); });
    return found == special.end() ? standard : found->partition;
}

base::Result<Endpoint> resolve_endpoint(Service service, const std::string& region,
                                        const std::string& override_url) {
    if (!is_region_name(region)) {
        return base::fail(region.empty()
                              ? "no AWS region is set: set AWS_REGION, or region in the profile"
                              : fmt::format("the AWS region '{}' must be a name such as us-east-1", region));
    }
    const auto& partition = partition_of(region);
    const bool global = service == Service::route53;
    Endpoint endpoint{
        .origin = {.tls = true,
                   .host = global ? std::string(partition.route53_host)
                                  : fmt::format("{}.{}.{}", to_string(service), region, partition.dns_suffix),
                   .port = 443},
        .path_prefix = {},
        .signing_name = std::string(to_string(service)),
        .signing_region = global ? std::string(partition.route53_region) : region,
    };
    if (override_url.empty()) {
        return endpoint;
    }
    auto url = http::parse_url(override_url);
    if (!url) {
        return base::fail(
            fmt::format("the endpoint URL for {}: {}", to_string(service), url.error().message));
    }
    if (url->target.find('?') != std::string::npos) {
        return base::fail(fmt::format("the endpoint URL for {} must not have a query: {}", to_string(service),
                                      override_url));
    }
    endpoint.origin = url->origin;
    endpoint.path_prefix = url->target;
    while (endpoint.path_prefix.ends_with('/')) {
        endpoint.path_prefix.pop_back();
    }
    return endpoint;
}

}  // namespace aws
