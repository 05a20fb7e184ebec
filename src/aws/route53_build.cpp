#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "aws/route53.hpp"
#include "base/text.hpp"

/// The request side of Route 53.
namespace aws {
namespace {

constexpr const char* root_path = "/2013-04-01";

Call route53_call(std::string operation, std::string target) {
    Call call;
    call.service = Service::route53;
    call.operation = std::move(operation);
    call.request.method = "GET";
    call.request.target = std::move(target);
    return call;
}

/// `?name=value&...` of what is not empty.
std::string query(const std::vector<std::pair<std::string_view, std::string>>& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        if (!value.empty()) {
            text += fmt::format("{}{}={}", text.empty() ? '?' : '&', name, base::percent_encode(value));
        }
    }
    return text;
}

const char* word_of(ChangeAction action) {
    switch (action) {
        case ChangeAction::create:
            return "CREATE";
        case ChangeAction::remove:
            return "DELETE";
        case ChangeAction::upsert:
            return "UPSERT";
    }
    return "?";
}

void add(pugi::xml_node parent, const char* name, const std::string& text) {
    parent.append_child(name).text().set(text.c_str());
}

void add_unless_empty(pugi::xml_node parent, const char* name, const std::string& text) {
    if (!text.empty()) {
        add(parent, name, text);
    }
}

/// In the order of the schema, which Route 53 insists on.
void add_record(pugi::xml_node set, const ResourceRecordSet& record) {
    add(set, "Name", record.name);
    add(set, "Type", record.type);
    add_unless_empty(set, "SetIdentifier", record.set_identifier);
    if (record.weight) {
        add(set, "Weight", std::to_string(*record.weight));
    }
    if (record.ttl) {
        add(set, "TTL", std::to_string(*record.ttl));
    }
    if (!record.values.empty()) {
        auto values = set.append_child("ResourceRecords");
        for (const auto& value : record.values) {
            add(values.append_child("ResourceRecord"), "Value", value);
        }
    }
    if (record.alias) {
        auto alias = set.append_child("AliasTarget");
        add(alias, "HostedZoneId", record.alias->hosted_zone_id);
        add(alias, "DNSName", record.alias->dns_name);
        add(alias, "EvaluateTargetHealth", record.alias->evaluate_target_health ? "true" : "false");
    }
    add_unless_empty(set, "HealthCheckId", record.health_check_id);
}

std::string change_batch(const ChangeResourceRecordSetsInput& input) {
    pugi::xml_document document;
    auto root = document.append_child("ChangeResourceRecordSetsRequest");
    root.append_attribute("xmlns") = "https://route53.amazonaws.com/doc/2013-04-01/";
    auto batch = root.append_child("ChangeBatch");
    add_unless_empty(batch, "Comment", input.comment);
    auto changes = batch.append_child("Changes");
    for (const auto& change : input.changes) {
        auto node = changes.append_child("Change");
        add(node, "Action", word_of(change.action));
        add_record(node.append_child("ResourceRecordSet"), change.record);
    }
    std::ostringstream text;
    document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
    return text.str();
}

}  // namespace

Call build_change_resource_record_sets(const ChangeResourceRecordSetsInput& input) {
    auto call = route53_call(
        "ChangeResourceRecordSets",
        fmt::format("{}/hostedzone/{}/rrset/", root_path, base::percent_encode(input.hosted_zone_id)));
    call.request.method = "POST";
    call.request.headers = {{"Content-Type", "application/xml"}};
    call.request.body = change_batch(input);
    call.repeatable = std::ranges::all_of(
        input.changes, [](const auto& change) { return change.action == ChangeAction::upsert; });
    return call;
}

Call build_get_change(const std::string& change_id) {
    return route53_call("GetChange", fmt::format("{}/change/{}", root_path, base::percent_encode(change_id)));
}

Call build_list_hosted_zones_by_name(const ListHostedZonesByNameInput& input) {
    return route53_call("ListHostedZonesByName",
                        fmt::format("{}/hostedzonesbyname{}", root_path,
                                    query({{"dnsname", input.dns_name},
                                           {"hostedzoneid", input.hosted_zone_id},
                                           {"maxitems", std::to_string(input.items_max)}})));
}

Call build_list_resource_record_sets(const ListResourceRecordSetsInput& input) {
    return route53_call(
        "ListResourceRecordSets",
        fmt::format("{}/hostedzone/{}/rrset{}", root_path, base::percent_encode(input.hosted_zone_id),
                    query({{"maxitems", std::to_string(input.items_max)},
                           {"name", input.start_name},
                           {"type", input.start_type},
                           {"identifier", input.start_identifier}})));
}

}  // namespace aws
