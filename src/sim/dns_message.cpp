#include "sim/dns_message.hpp"

#include <algorithm>
#include <vector>

#include "sim/dns_wire.hpp"

namespace sim {

namespace {

constexpr unsigned edns_udp_size = 1232;
constexpr int chain_max = 8;
constexpr std::string_view wildcard = "\\052.";

bool within(std::string_view name, std::string_view zone) {
    return name == zone || name.ends_with("." + std::string(zone));
}

/// The zone with the longest name that holds `name`.
const Zone* zone_of(std::string_view name, Zones& zones) {
    const Zone* best = nullptr;
    for (const auto& [id, zone] : zones.all()) {
        if (!within(name, zone.name)) {
            continue;
        }
        const bool longer = best == nullptr || zone.name.size() > best->name.size();
        const bool hides = best != nullptr && zone.name == best->name && zone.is_private && !best->is_private;
        if (longer || hides) {
            best = &zone;
        }
    }
    return best;
}

/// Whether the name or one below it has a record.
bool exists(const Zone& zone, std::string_view name) {
    return std::ranges::any_of(zone.served,
                               [&](const auto& entry) { return within(entry.second.name, name); });
}

/// The sets of a name; those of a wildcard when the name does not exist.
std::vector<const RecordSet*> sets_of(const Zone& zone, const std::string& name) {
    auto wanted = name;
    if (!exists(zone, name)) {
        auto parent = name;
        do {
            parent = parent.substr(parent.find('.') + 1);
        } while (within(parent, zone.name) && parent != zone.name && !exists(zone, parent));
        wanted = std::string(wildcard) + parent;
    }
    std::vector<const RecordSet*> sets;
    for (const auto& [key, set] : zone.served) {
        if (set.name == wanted) {
            sets.push_back(&set);
        }
    }
    return sets;
}

struct Found {
    std::string records;
    unsigned count = 0;
    bool name_exists = false;
};

void put_set(Found& found, std::string_view owner, const RecordSet& set, const Zone& zone, int depth) {
    if (!set.alias_name.empty()) {
        for (const auto* target : sets_of(zone, canonical_name(set.alias_name))) {
            if (target->type == set.type && depth < chain_max) {
                put_set(found, owner, *target, zone, depth + 1);
            }
        }
        return;
    }
    for (const auto& value : set.values) {
        const auto type = dns_type(set.type);
        const auto data = dns_data(set.type, value);
        if (type && data) {
            put_record(found.records, owner, *type, set.ttl, *data);
            ++found.count;
        }
    }
}

/// The records of a name and type, with the chain of CNAMEs that leads to them inside of the zone.
Found find(const Zone& zone, std::string name, std::uint16_t type) {
    Found found;
    for (int depth = 0; depth < chain_max; ++depth) {
        const auto sets = sets_of(zone, name);
        if (depth == 0) {
            found.name_exists = !sets.empty() || exists(zone, name);
        }
        const RecordSet* alias = nullptr;
        bool answered = false;
        for (const auto* set : sets) {
            if (dns_type(set->type) == type || type == static_cast<std::uint16_t>(DnsType::any)) {
                put_set(found, name, *set, zone, 0);
                answered = true;
            } else if (set->type == "CNAME") {
                alias = set;
            }
        }
        if (answered || alias == nullptr || alias->values.empty()) {
            break;
        }
        put_set(found, name, *alias, zone, 0);
        name = canonical_name(alias->values.front());
        if (!within(name, zone.name)) {
            break;
        }
    }
    return found;
}

std::string soa_record(const Zone& zone) {
    std::string record;
    for (const auto& [key, set] : zone.served) {
        if (set.type == "SOA") {
            put_record(record, zone.name, static_cast<std::uint16_t>(DnsType::soa), set.ttl,
                       *dns_data("SOA", set.values.front()));
        }
    }
    return record;
}

std::string message(const DnsQuestion& question, DnsCode code, bool truncated, const Found& answers,
                    const std::string& authority) {
    const unsigned authoritative = code == DnsCode::ok || code == DnsCode::no_such_name ? 0x0400U : 0;
    const unsigned copied = question.flags & 0x7900U;  // opcode and "recursion desired"
    std::string out;
    put16(out, question.id);
    put16(out, 0x8000U | copied | authoritative | (truncated ? 0x0200U : 0) | static_cast<unsigned>(code));
    put16(out, question.bytes.empty() ? 0 : 1);
    put16(out, answers.count);
    put16(out, authority.empty() ? 0 : 1);
    put16(out, question.edns ? 1 : 0);
    out += question.bytes;
    out += answers.records;
    out += authority;
    if (question.edns) {
        out += '\0';
        put16(out, static_cast<unsigned>(DnsType::opt));
        put16(out, edns_udp_size);
        put32(out, 0);
        put16(out, 0);
    }
    return out;
}

}  // namespace

std::string answer_dns(std::string_view query, Zones& zones, std::size_t size_max) {
    const auto question = read_dns_question(query);
    if (!question) {
        return {};
    }
    const auto refuse_with = [&](DnsCode code) { return message(*question, code, false, {}, {}); };
    if ((question->flags & 0x7800U) != 0) {
        return refuse_with(DnsCode::not_implemented);
    }
    if (question->name.empty()) {
        return refuse_with(DnsCode::format_error);
    }
    const auto* zone = zone_of(question->name, zones);
    if (zone == nullptr || question->record_class != 1) {
        return refuse_with(DnsCode::refused);
    }
    const auto found = find(*zone, question->name, question->type);
    const auto code = found.name_exists ? DnsCode::ok : DnsCode::no_such_name;
    auto out = message(*question, code, false, found, found.count == 0 ? soa_record(*zone) : std::string());
    if (out.size() > std::max(size_max, std::min<std::size_t>(question->udp_size, edns_udp_size))) {
        out = message(*question, code, true, {}, {});
    }
    return out;
}

}  // namespace sim
