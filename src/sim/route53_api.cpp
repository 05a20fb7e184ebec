#include "sim/route53_api.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "base/text.hpp"
#include "sim/form.hpp"
#include "sim/route53_xml.hpp"
#include "sim/xml.hpp"

namespace sim {

namespace {

/// A call, taken apart: `/2013-04-01/hostedzone/Z1/rrset?name=x` has the parts hostedzone, Z1, rrset.
struct RestCall {
    std::vector<std::string> parts;
    Form query;
    const std::string& body;
};

using Body = Answer<http::Response>;

http::Response respond(const pugi::xml_document& document, int status = 200) {
    return xml_response(print(document), "", status);
}

std::unexpected<Fault> no_such_zone(const std::string& id) {
    return refuse("NoSuchHostedZone", "No hosted zone found with ID: " + id, 404);
}

long max_items(Form& query, long most) {
    return query.number("maxitems", 1, 1000000).value_or(most);
}

Body create_zone(Cloud& cloud, RestCall& call) {
    const auto wanted = read_new_zone(call.body);
    if (!wanted) {
        return std::unexpected(wanted.error());
    }
    const auto zone = cloud.zones.create(*wanted);
    if (!zone) {
        return std::unexpected(zone.error());
    }
    pugi::xml_document document;
    auto root = add_root(document, "CreateHostedZoneResponse");
    write_zone(root, **zone);
    write_change(root, cloud.zones.note_change(""));
    if ((*zone)->is_private) {
        write_vpc(root, **zone);
    } else {
        write_delegation_set(root);
    }
    auto response = respond(document, 201);
    response.headers.push_back(
        {"Location", "https://route53.amazonaws.com/2013-04-01/hostedzone/" + (*zone)->id});
    return response;
}

Body get_zone(Cloud& cloud, RestCall& call) {
    const auto* zone = cloud.zones.find(call.parts[1]);
    if (zone == nullptr) {
        return no_such_zone(call.parts[1]);
    }
    pugi::xml_document document;
    auto root = add_root(document, "GetHostedZoneResponse");
    write_zone(root, *zone);
    if (zone->is_private) {
        write_vpc(root.append_child("VPCs"), *zone);
    } else {
        write_delegation_set(root);
    }
    return respond(document);
}

Body delete_zone(Cloud& cloud, RestCall& call) {
    if (const auto removed = cloud.zones.remove(call.parts[1]); !removed) {
        return std::unexpected(removed.error());
    }
    pugi::xml_document document;
    write_change(add_root(document, "DeleteHostedZoneResponse"), cloud.zones.note_change(""));
    return respond(document);
}

Body list_zones(Cloud& cloud, RestCall& call) {
    const auto marker = call.query.text("marker");
    const auto most = max_items(call.query, 100);
    std::vector<const Zone*> zones;
    for (const auto& [id, zone] : cloud.zones.all()) {
        if (id >= marker) {
            zones.push_back(&zone);
        }
    }
    pugi::xml_document document;
    auto root = add_root(document, "ListHostedZonesResponse");
    auto list = root.append_child("HostedZones");
    const bool truncated = std::cmp_greater(zones.size(), most);
    for (std::size_t at = 0; at < zones.size() && std::cmp_less(at, most); ++at) {
        write_zone(list, *zones[at]);
    }
    if (!marker.empty()) {
        add(root, "Marker", marker);
    }
    add_flag(root, "IsTruncated", truncated);
    if (truncated) {
        add(root, "NextMarker", zones[static_cast<std::size_t>(most)]->id);
    }
    add_number(root, "MaxItems", most);
    return respond(document);
}

Body list_zones_by_name(Cloud& cloud, RestCall& call) {
    const auto dns_name = call.query.text("dnsname");
    const auto zone_id = call.query.text("hostedzoneid");
    const auto most = max_items(call.query, 100);
    using Key = std::pair<std::string, std::string>;
    const Key from = {dns_name.empty() ? "" : reversed_labels(canonical_name(dns_name)), zone_id};
    std::map<Key, const Zone*> zones;
    for (const auto& [id, zone] : cloud.zones.all()) {
        if (Key key = {reversed_labels(zone.name), id}; key >= from) {
            zones.emplace(std::move(key), &zone);
        }
    }
    pugi::xml_document document;
    auto root = add_root(document, "ListHostedZonesByNameResponse");
    auto list = root.append_child("HostedZones");
    auto left = most;
    const Zone* next = nullptr;
    for (const auto& [key, zone] : zones) {
        if (left-- == 0) {
            next = zone;
            break;
        }
        write_zone(list, *zone);
    }
    if (!dns_name.empty()) {
        add(root, "DNSName", canonical_name(dns_name));
    }
    if (!zone_id.empty()) {
        add(root, "HostedZoneId", zone_id);
    }
    add_flag(root, "IsTruncated", next != nullptr);
    if (next != nullptr) {
        add(root, "NextDNSName", next->name);
        add(root, "NextHostedZoneId", next->id);
    }
    add_number(root, "MaxItems", most);
    return respond(document);
}

Body change_record_sets(Cloud& cloud, RestCall& call) {
    auto* zone = cloud.zones.find(call.parts[1]);
    if (zone == nullptr) {
        return no_such_zone(call.parts[1]);
    }
    const auto batch = read_change_batch(call.body);
    if (!batch) {
        return std::unexpected(batch.error());
    }
    const auto change = cloud.zones.change(*zone, batch->changes, batch->comment);
    if (!change) {
        return std::unexpected(change.error());
    }
    pugi::xml_document document;
    write_change(add_root(document, "ChangeResourceRecordSetsResponse"), *change);
    return respond(document);
}

Body list_record_sets(Cloud& cloud, RestCall& call) {
    const auto* zone = cloud.zones.find(call.parts[1]);
    if (zone == nullptr) {
        return no_such_zone(call.parts[1]);
    }
    const auto name = call.query.text("name");
    const auto type = call.query.text("type");
    if (name.empty() && !type.empty()) {
        return refuse("InvalidInput", "The type parameter needs the name parameter.");
    }
    const auto most = std::min(max_items(call.query, 300), 300L);
    const RecordKey from = {name.empty() ? "" : reversed_labels(canonical_name(name)), type,
                            call.query.text("identifier")};
    pugi::xml_document document;
    auto root = add_root(document, "ListResourceRecordSetsResponse");
    auto list = root.append_child("ResourceRecordSets");
    auto left = most;
    auto at = zone->sets.lower_bound(from);
    for (; at != zone->sets.end() && left > 0; ++at, --left) {
        write_record_set(list, at->second);
    }
    add_flag(root, "IsTruncated", at != zone->sets.end());
    if (at != zone->sets.end()) {
        add(root, "NextRecordName", at->second.name);
        add(root, "NextRecordType", at->second.type);
        if (!at->second.set_identifier.empty()) {
            add(root, "NextRecordIdentifier", at->second.set_identifier);
        }
    }
    add_number(root, "MaxItems", most);
    return respond(document);
}

Body get_change(Cloud& cloud, RestCall& call) {
    const auto* change = cloud.zones.find_change(call.parts[1]);
    if (change == nullptr) {
        return refuse("NoSuchChange", "Could not find resource with ID: " + call.parts[1], 404);
    }
    pugi::xml_document document;
    write_change(add_root(document, "GetChangeResponse"), *change);
    return respond(document);
}

/// A path below /2013-04-01; `*` stands for an id.
struct Route {
    std::string_view operation;
    std::string_view method;
    std::string_view path;
    Body (*handler)(Cloud&, RestCall&);
};

constexpr Route routes[] = {
    {"CreateHostedZone", "POST", "hostedzone", create_zone},
    {"ListHostedZones", "GET", "hostedzone", list_zones},
    {"ListHostedZonesByName", "GET", "hostedzonesbyname", list_zones_by_name},
    {"GetHostedZone", "GET", "hostedzone/*", get_zone},
    {"DeleteHostedZone", "DELETE", "hostedzone/*", delete_zone},
    {"ChangeResourceRecordSets", "POST", "hostedzone/*/rrset", change_record_sets},
    {"ListResourceRecordSets", "GET", "hostedzone/*/rrset", list_record_sets},
    {"GetChange", "GET", "change/*", get_change},
};

bool matches(std::string_view path, const std::vector<std::string>& parts) {
    const auto wanted = base::split(path, '/');
    return std::ranges::equal(wanted, parts, [](std::string_view want, const std::string& part) {
        return want == "*" ? !part.empty() : want == part;
    });
}

std::vector<std::string> parts_of(std::string_view path) {
    std::vector<std::string> parts;
    for (const auto part : base::split(path, '/')) {
        if (!part.empty() && part != "2013-04-01") {
            parts.push_back(base::percent_decode(part).value_or(std::string(part)));
        }
    }
    return parts;
}

/// Null when there is no such operation.
const Route* route_of(std::string_view method, const std::vector<std::string>& parts) {
    const auto* const found = std::ranges::find_if(
        routes, [&](const Route& route) { return route.method == method && matches(route.path, parts); });
    return found == std::end(routes) ? nullptr : found;
}

}  // namespace

std::string route53_operation(const http::Request& request) {
    const auto* route = route_of(request.method, parts_of(base::split_once(request.target, '?').first));
    return route == nullptr ? request.method : std::string(route->operation);
}

http::Response answer_route53(Cloud& cloud, const Call& call) {
    const auto [path, query] = base::split_once(call.request.target, '?');
    RestCall rest{.parts = parts_of(path), .query = Form::parse(query), .body = call.request.body};
    const auto* route = route_of(call.request.method, rest.parts);
    Body answer = route == nullptr ? refuse("UnknownOperationException", "The operation is not known.", 404)
                                   : route->handler(cloud, rest);
    if (answer && rest.query.fault()) {
        answer = refuse("InvalidInput", rest.query.fault()->message);
    }
    if (!answer) {
        return write_fault(Service::route53, answer.error(), call.request_id, call.request);
    }
    for (auto& header : answer->headers) {
        if (header.name == "x-amzn-RequestId") {
            header.value = call.request_id;
        }
    }
    return *std::move(answer);
}

}  // namespace sim
