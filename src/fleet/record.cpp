#include "fleet/record.hpp"

#include "base/hash.hpp"

namespace fleet {
namespace {

void add_keys(Keys& keys, const Launch& launch) {
    for (const auto& attempt : launch.attempts) {
        if (attempt.request) {
            keys.requests.push_back(*attempt.request);
        }
        if (attempt.surplus) {
            keys.machines.push_back(*attempt.surplus);
        }
    }
    if (launch.machine) {
        keys.machines.push_back(*launch.machine);
    }
}

}  // namespace

Keys keys_of(const Record& record) {
    Keys keys;
    for (const auto* launches : {&record.launches, &record.tests}) {
        for (const auto& launch : *launches) {
            add_keys(keys, launch);
        }
    }
    for (const auto& image : record.images) {
        if (image.origin == ImageOrigin::made && !image.id.empty()) {
            keys.images.push_back(image.id);
        }
    }
    for (const Side side : {Side::private_, Side::public_}) {
        if (const auto& name = record.dns_name(side)) {
            keys.dns_names.push_back(dns_key(side, *name));
            if (const auto& zone = record.dns(side).zone_id; zone && !name->zone_id) {
                keys.dns_names.push_back(*zone + "/" + name->name);
            }
        }
    }
    return keys;
}

std::string dns_key(Side side, const DnsName& name) {
    if (name.zone_id) {
        return *name.zone_id + "/" + name.name;
    }
    return (side == Side::private_ ? "private/" : "public/") + name.name;
}

std::vector<std::string> dns_keys(const Spec& spec) {
    Record record;
    record.spec = spec;
    return keys_of(record).dns_names;
}

std::string dns_conflict(std::string_view key, std::string_view owner) {
    return "the DNS name " + std::string(key.substr(key.find('/') + 1)) + " belongs to " + std::string(owner);
}

std::string attempt_token(const std::string& uid, int generation, int number) {
    // EC2 takes up to 64 ASCII characters: exactly a SHA-256 in hexadecimal.
    return base::sha256_hex(uid + "/" + std::to_string(generation) + "/" + std::to_string(number));
}

}  // namespace fleet
