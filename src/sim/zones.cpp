#include "sim/zones.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "sim/ids.hpp"

namespace sim {

namespace {

constexpr base::Duration changes_kept_for = std::chrono::hours{24};

bool within(std::string_view name, std::string_view zone) {
    return name == zone || (name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.');
}

/// Four numbers up to 255, without leading zeros.
bool is_ipv4(std::string_view text) {
    const auto parts = base::split(text, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
               const auto number = base::parse_number(part);
               return number && *number <= 255 && part == std::to_string(*number);
           });
}

/// What is wrong with a set itself; empty when nothing is.
std::string fault_of(const RecordSet& set) {
    const auto what = "[name='" + set.name + "', type='" + set.type + "']";
    if (!set.alias_name.empty()) {
        return {};
    }
    if (set.values.empty()) {
        return "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
               "TrafficPolicyInstanceId], but found none in Change with " +
               what;
    }
    for (const auto& value : set.values) {
        if (set.type == "A" && !is_ipv4(value)) {
            return "Invalid Resource Record: FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid "
                   "IPv4 "
                   "address) encountered with '" +
                   value + "'";
        }
    }
    if (set.type == "CNAME" && set.values.size() > 1) {
        return "Invalid Resource Record: FATAL problem: CNAMEMultipleValues in " + what;
    }
    return {};
}

/// Why the set cannot be put where others are; empty when it can.
std::string conflict(const RecordSets& sets, const RecordSet& set) {
    for (const auto& [key, other] : sets) {
        const bool same_name = other.name == set.name;
        if (same_name && (other.type == "CNAME") != (set.type == "CNAME")) {
            return "RRSet of type " + set.type + " with DNS name " + set.name +
                   " is not permitted as it conflicts with other records with the same DNS name in zone";
        }
        const bool routed = set.set_identifier.empty() != other.set_identifier.empty();
        if (same_name && other.type == set.type && routed) {
            return "RRSet with DNS name " + set.name + ", type " + set.type +
                   " cannot be created as a non-simple RRSet exists with the same name and type";
        }
    }
    return {};
}

/// Applies one change to `sets`, or tells why it cannot be.
std::string apply(RecordSets& sets, const Change& change, const std::string& zone) {
    const auto& set = change.set;
    const auto what = "[name='" + set.name + "', type='" + set.type + "'" +
                      (set.set_identifier.empty() ? "" : ", set-identifier='" + set.set_identifier + "'") +
                      "]";
    if (!within(set.name, zone)) {
        return "RRSet with DNS name " + set.name + " is not permitted in zone " + zone;
    }
    const auto found = sets.find(key_of(set));
    if (change.action == Change::Action::remove) {
        if (found == sets.end()) {
            return "Tried to delete resource record set " + what + " but it was not found";
        }
        if (found->second != set) {
            return "Tried to delete resource record set " + what +
                   " but the values provided do not match the current values";
        }
        sets.erase(found);
        return {};
    }
    if (change.action == Change::Action::create && found != sets.end()) {
        return "Tried to create resource record set " + what + " but it already exists";
    }
    if (auto fault = fault_of(set); !fault.empty()) {
        return fault;
    }
    if (auto fault = conflict(sets, set); !fault.empty()) {
        return fault;
    }
    sets.insert_or_assign(key_of(set), set);
    return {};
}

}  // namespace

const std::vector<std::string>& name_servers() {
    static const std::vector<std::string> names = {"ns-1.awsdns-sim.com.", "ns-2.awsdns-sim.net."};
    return names;
}

std::string reversed_labels(std::string_view name) {
    auto labels = base::split(name, '.');
    std::ranges::reverse(labels);
    std::string reversed;
    for (const auto label : labels) {
        reversed += std::string(label) + ".";
    }
    return reversed;
}

RecordKey key_of(const RecordSet& set) {
    return {reversed_labels(set.name), set.type, set.set_identifier};
}

std::string canonical_name(std::string_view name) {
    std::string out;
    for (const char c : base::to_lower(name)) {
        const auto byte = static_cast<unsigned char>(c);
        const bool usual =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '\\';
        if (usual) {
            out += c;
        } else {
            out += '\\';
            for (const auto shift : {6U, 3U, 0U}) {
                out += static_cast<char>('0' + (byte >> shift & 7U));
            }
        }
    }
    return out.ends_with('.') ? out : out + ".";
}

Zones::Zones(Timeline& timeline, const Settings& settings, Faults& faults)
    : timeline_(timeline), settings_(settings), faults_(faults) {}

Answer<Zone*> Zones::create(const NewZone& wanted) {
    const auto name = canonical_name(wanted.name);
    if (name.size() < 2 || name.size() > 255 || name.starts_with('.') ||
        name.find("..") != std::string::npos) {
        return refuse("InvalidDomainName", "The domain name " + wanted.name + " is not valid.");
    }
    for (const auto& [id, zone] : zones_) {
        if (zone.caller_reference == wanted.caller_reference) {
            return refuse("HostedZoneAlreadyExists",
                          "A hosted zone has already been created with the specified caller reference.", 409);
        }
    }
    Zone zone{.id = alphanumeric_id("Z", 20),
              .name = name,
              .caller_reference = wanted.caller_reference,
              .comment = wanted.comment,
              .is_private = wanted.is_private,
              .vpc_id = wanted.vpc_id,
              .vpc_region = wanted.vpc_region,
              .sets = {},
              .served = {}};
    RecordSet ns;
    ns.name = name;
    ns.type = "NS";
    ns.ttl = 172800;
    ns.values = name_servers();
    RecordSet soa = ns;
    soa.type = "SOA";
    soa.ttl = 900;
    soa.values = {name_servers().front() + " awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"};
    zone.sets = {{key_of(ns), ns}, {key_of(soa), soa}};
    zone.served = zone.sets;
    return &zones_.emplace(zone.id, std::move(zone)).first->second;
}

Answer<void> Zones::remove(const std::string& id) {
    const auto found = zones_.find(id);
    if (found == zones_.end()) {
        return refuse("NoSuchHostedZone", "No hosted zone found with ID: " + id, 404);
    }
    if (found->second.sets.size() > 2) {
        return refuse(
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.");
    }
    zones_.erase(found);
    return {};
}

Zone* Zones::find(std::string_view id) {
    const auto found = zones_.find(id);
    return found == zones_.end() ? nullptr : &found->second;
}

Answer<ChangeInfo> Zones::change(Zone& zone, const std::vector<Change>& changes, const std::string& comment) {
    auto sets = zone.sets;
    std::string faults;
    for (const auto& one : changes) {
        if (const auto fault = apply(sets, one, zone.name); !fault.empty()) {
            faults += (faults.empty() ? "" : ", ") + fault;
        }
    }
    if (!faults.empty()) {
        return refuse("InvalidChangeBatch", "[" + faults + "]");
    }
    zone.sets = std::move(sets);
    const auto strike = faults_.strike("route53", "ChangeResourceRecordSets", {FaultKind::pending});
    const auto insync_after = settings_.insync_after + (strike ? strike->by : base::Duration{0});
    auto info = note_change(comment, insync_after);
    timeline_.after(insync_after, [this, zone_id = zone.id, changes] {
        if (auto* found = find(zone_id)) {
            for (const auto& one : changes) {
                if (one.action == Change::Action::remove) {
                    found->served.erase(key_of(one.set));
                } else {
                    found->served.insert_or_assign(key_of(one.set), one.set);
                }
            }
        }
    });
    return info;
}

const ChangeInfo* Zones::find_change(std::string_view id) const {
    const auto found = changes_.find(id);
    return found == changes_.end() ? nullptr : &found->second;
}

ChangeInfo Zones::note_change(const std::string& comment) {
    return note_change(comment, settings_.insync_after);
}

ChangeInfo Zones::note_change(const std::string& comment, base::Duration insync_after) {
    ChangeInfo info{
        .id = alphanumeric_id("C", 20), .submitted = timeline_.now(), .comment = comment, .in_sync = false};
    changes_.emplace(info.id, info);
    timeline_.after(insync_after, [this, id = info.id] {
        if (const auto found = changes_.find(id); found != changes_.end()) {
            found->second.in_sync = true;
        }
        timeline_.after(changes_kept_for, [this, id] { changes_.erase(id); });
    });
    return info;
}

}  // namespace sim
