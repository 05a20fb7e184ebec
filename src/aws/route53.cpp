#include "aws/route53.hpp"

#include <utility>

#include "aws/xml.hpp"

namespace aws {
namespace {

namespace asio = boost::asio;

/// `/hostedzone/Z123` is Z123.
std::string bare_id(const std::string& id) {
    return id.substr(id.rfind('/') + 1);
}

ChangeStatus status_of(std::string_view word) {
    if (word == "PENDING") {
        return ChangeStatus::pending;
    }
    return word == "INSYNC" ? ChangeStatus::insync : ChangeStatus::unknown;
}

ResourceRecordSet read_record(const pugi::xml_node& node) {
    ResourceRecordSet record{.name = unescape_dns_name(xml::text(node, "Name")),
                             .type = xml::text(node, "Type"),
                             .ttl = xml::integer(node, "TTL"),
                             .values = {},
                             .set_identifier = xml::text(node, "SetIdentifier"),
                             .weight = xml::integer(node, "Weight"),
                             .alias = {},
                             .health_check_id = xml::text(node, "HealthCheckId")};
    for (const auto& value : node.child("ResourceRecords").children("ResourceRecord")) {
        record.values.push_back(xml::text(value, "Value"));
    }
    if (const auto alias = node.child("AliasTarget")) {
        record.alias = AliasTarget{.hosted_zone_id = xml::text(alias, "HostedZoneId"),
                                   .dns_name = xml::text(alias, "DNSName"),
                                   .evaluate_target_health = xml::boolean(alias, "EvaluateTargetHealth")};
    }
    return record;
}

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

}  // namespace

std::string unescape_dns_name(std::string_view name) {
    std::string bytes;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool escape = name[i] == '\\' && i + 3 < name.size() && name[i + 1] <= '3' &&
                            is_octal(name[i + 1]) && is_octal(name[i + 2]) && is_octal(name[i + 3]);
        if (escape) {
            bytes +=
                static_cast<char>((name[i + 1] - '0') * 64 + (name[i + 2] - '0') * 8 + (name[i + 3] - '0'));
            i += 3;
        } else {
            bytes += name[i];
        }
    }
    return bytes;
}

Result<ChangeInfo> parse_change_info(std::string_view body) {
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) {
        return unreadable("instead of a change came what is no XML");
    }
    const auto node = document.document_element().child("ChangeInfo");
    ChangeInfo info{.id = bare_id(xml::text(node, "Id")),
                    .status = status_of(xml::text(node, "Status")),
                    .submitted = xml::time(node, "SubmittedAt")};
    if (info.id.empty()) {
        return unreadable("the answer has no ChangeInfo/Id");
    }
    return info;
}

Result<ListHostedZonesByNameOutput> parse_list_hosted_zones_by_name(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "ListHostedZonesByNameResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    ListHostedZonesByNameOutput output;
    for (const auto& zone : root->child("HostedZones").children("HostedZone")) {
        output.zones.push_back({.id = bare_id(xml::text(zone, "Id")),
                                .name = unescape_dns_name(xml::text(zone, "Name")),
                                .private_zone = xml::boolean(zone.child("Config"), "PrivateZone"),
                                .record_count = xml::integer(zone, "ResourceRecordSetCount").value_or(0)});
        if (output.zones.back().id.empty() || output.zones.back().name.empty()) {
            return unreadable("ListHostedZonesByName: a zone has no Id or no Name");
        }
    }
    output.truncated = xml::boolean(*root, "IsTruncated");
    output.next_dns_name = xml::text(*root, "NextDNSName");
    output.next_hosted_zone_id = bare_id(xml::text(*root, "NextHostedZoneId"));
    return output;
}

Result<ListResourceRecordSetsOutput> parse_list_resource_record_sets(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "ListResourceRecordSetsResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    ListResourceRecordSetsOutput output;
    for (const auto& node : root->child("ResourceRecordSets").children("ResourceRecordSet")) {
        output.records.push_back(read_record(node));
        if (output.records.back().name.empty() || output.records.back().type.empty()) {
            return unreadable("ListResourceRecordSets: a record set has no Name or no Type");
        }
    }
    output.truncated = xml::boolean(*root, "IsTruncated");
    output.next_name = xml::text(*root, "NextRecordName");
    output.next_type = xml::text(*root, "NextRecordType");
    output.next_identifier = xml::text(*root, "NextRecordIdentifier");
    return output;
}

asio::awaitable<Result<ChangeInfo>> Route53::change_resource_record_sets(ChangeResourceRecordSetsInput input,
                                                                         CallOptions options) {
    const auto response = co_await client_->call(build_change_resource_record_sets(input), options);
    co_return response ? parse_change_info(response->body) : std::unexpected(response.error());
}

asio::awaitable<Result<ChangeInfo>> Route53::get_change(std::string change_id, CallOptions options) {
    const auto response = co_await client_->call(build_get_change(change_id), options);
    co_return response ? parse_change_info(response->body) : std::unexpected(response.error());
}

asio::awaitable<Result<ListHostedZonesByNameOutput>> Route53::list_hosted_zones_by_name(
    ListHostedZonesByNameInput input, CallOptions options) {
    const auto response = co_await client_->call(build_list_hosted_zones_by_name(input), options);
    co_return response ? parse_list_hosted_zones_by_name(response->body) : std::unexpected(response.error());
}

asio::awaitable<Result<ListResourceRecordSetsOutput>> Route53::list_resource_record_sets(
    ListResourceRecordSetsInput input, CallOptions options) {
    const auto response = co_await client_->call(build_list_resource_record_sets(input), options);
    co_return response ? parse_list_resource_record_sets(response->body) : std::unexpected(response.error());
}

}  // namespace aws
