#include "sim/route53_xml.hpp"

#include "base/text.hpp"
#include "sim/xml.hpp"

namespace sim {

namespace {

std::unexpected<Fault> malformed() {
    return refuse("MalformedInput", "Could not parse XML");
}

std::string text(pugi::xml_node node, const char* name) {
    return node.child(name).text().get();
}

RecordSet read_record_set(pugi::xml_node node) {
    RecordSet set;
    set.name = canonical_name(text(node, "Name"));
    set.type = text(node, "Type");
    set.set_identifier = text(node, "SetIdentifier");
    if (const auto weight = node.child("Weight")) {
        set.weight = weight.text().as_int();
    }
    set.ttl = node.child("TTL").text().as_int();
    for (const auto record : node.child("ResourceRecords").children("ResourceRecord")) {
        set.values.push_back(text(record, "Value"));
    }
    const auto alias = node.child("AliasTarget");
    set.alias_zone_id = text(alias, "HostedZoneId");
    set.alias_name = text(alias, "DNSName");
    set.alias_evaluates_health = alias.child("EvaluateTargetHealth").text().as_bool();
    set.health_check_id = text(node, "HealthCheckId");
    return set;
}

}  // namespace

Answer<ChangeBatch> read_change_batch(const std::string& body) {
    pugi::xml_document document;
    if (!document.load_string(body.c_str())) {
        return malformed();
    }
    const auto batch = document.child("ChangeResourceRecordSetsRequest").child("ChangeBatch");
    ChangeBatch read;
    read.comment = text(batch, "Comment");
    for (const auto node : batch.child("Changes").children("Change")) {
        const auto action = text(node, "Action");
        Change change;
        if (action == "CREATE") {
            change.action = Change::Action::create;
        } else if (action == "DELETE") {
            change.action = Change::Action::remove;
        } else if (action != "UPSERT") {
            return refuse("InvalidInput",
                          "Invalid XML ; '" + action + "' is not one of CREATE, DELETE, UPSERT");
        }
        change.set = read_record_set(node.child("ResourceRecordSet"));
        if (change.set.name == "." || change.set.type.empty()) {
            return refuse("InvalidInput", "Invalid XML ; a ResourceRecordSet must have a Name and a Type");
        }
        read.changes.push_back(std::move(change));
    }
    if (read.changes.empty()) {
        return refuse("InvalidInput", "Invalid XML ; Changes must have at least one Change");
    }
    if (read.changes.size() > 1000) {
        return refuse("InvalidChangeBatch", "[Number of records limit of 1000 exceeded]");
    }
    return read;
}

Answer<Zones::NewZone> read_new_zone(const std::string& body) {
    pugi::xml_document document;
    if (!document.load_string(body.c_str())) {
        return malformed();
    }
    const auto root = document.child("CreateHostedZoneRequest");
    Zones::NewZone zone;
    zone.name = text(root, "Name");
    zone.caller_reference = text(root, "CallerReference");
    zone.comment = text(root.child("HostedZoneConfig"), "Comment");
    zone.vpc_id = text(root.child("VPC"), "VPCId");
    zone.vpc_region = text(root.child("VPC"), "VPCRegion");
    zone.is_private =
        !zone.vpc_id.empty() || root.child("HostedZoneConfig").child("PrivateZone").text().as_bool();
    if (zone.name.empty() || zone.caller_reference.empty()) {
        return refuse("InvalidInput", "Invalid XML ; Name and CallerReference must be given");
    }
    if (zone.is_private && zone.vpc_id.empty()) {
        return refuse("InvalidInput", "When you're creating a private hosted zone, you must specify a VPC");
    }
    return zone;
}

pugi::xml_node add_root(pugi::xml_document& document, const char* name) {
    auto root = document.append_child(name);
    root.append_attribute("xmlns") = "https://route53.amazonaws.com/doc/2013-04-01/";
    return root;
}

void write_zone(pugi::xml_node parent, const Zone& zone) {
    auto node = parent.append_child("HostedZone");
    add(node, "Id", "/hostedzone/" + zone.id);
    add(node, "Name", zone.name);
    add(node, "CallerReference", zone.caller_reference);
    auto config = node.append_child("Config");
    if (!zone.comment.empty()) {
        add(config, "Comment", zone.comment);
    }
    add_flag(config, "PrivateZone", zone.is_private);
    add_number(node, "ResourceRecordSetCount", static_cast<long>(zone.sets.size()));
}

void write_delegation_set(pugi::xml_node parent) {
    auto servers = parent.append_child("DelegationSet").append_child("NameServers");
    for (const auto& name : name_servers()) {
        add(servers, "NameServer", std::string_view(name).substr(0, name.size() - 1));
    }
}

void write_vpc(pugi::xml_node parent, const Zone& zone) {
    auto node = parent.append_child("VPC");
    add(node, "VPCRegion", zone.vpc_region);
    add(node, "VPCId", zone.vpc_id);
}

void write_change(pugi::xml_node parent, const ChangeInfo& change) {
    auto node = parent.append_child("ChangeInfo");
    add(node, "Id", "/change/" + change.id);
    add(node, "Status", change.in_sync ? "INSYNC" : "PENDING");
    add_time(node, "SubmittedAt", change.submitted);
    if (!change.comment.empty()) {
        add(node, "Comment", change.comment);
    }
}

void write_record_set(pugi::xml_node parent, const RecordSet& set) {
    auto node = parent.append_child("ResourceRecordSet");
    add(node, "Name", set.name);
    add(node, "Type", set.type);
    if (!set.set_identifier.empty()) {
        add(node, "SetIdentifier", set.set_identifier);
    }
    if (set.weight) {
        add_number(node, "Weight", *set.weight);
    }
    if (!set.alias_name.empty()) {
        auto alias = node.append_child("AliasTarget");
        add(alias, "HostedZoneId", set.alias_zone_id);
        add(alias, "DNSName", canonical_name(set.alias_name));
        add_flag(alias, "EvaluateTargetHealth", set.alias_evaluates_health);
    } else {
        add_number(node, "TTL", set.ttl);
        auto records = node.append_child("ResourceRecords");
        for (const auto& value : set.values) {
            add(records.append_child("ResourceRecord"), "Value", value);
        }
    }
    if (!set.health_check_id.empty()) {
        add(node, "HealthCheckId", set.health_check_id);
    }
}

}  // namespace sim
