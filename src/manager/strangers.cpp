#include "manager/strangers.hpp"

#include <optional>

#include "manager/standing.hpp"

namespace manager {
namespace {

/// Why a record that stands under our name must not be written over; nothing when it may.
std::optional<std::string> objection(const aws::ResourceRecordSet& record, const fleet::DnsName& wanted) {
    if (record.type == "CNAME") {
        return wanted.name + " is a CNAME, which cannot stand beside an A record: remove it first";
    }
    if (record.type != "A") {
        return std::nullopt;
    }
    if (!record.set_identifier.empty()) {
        return wanted.name + " has a routing policy: remove its record sets first";
    }
    if (!wanted.take_over) {
        return wanted.name + " has an A record that is not ours: remove it, or say \"take_over\": true";
    }
    return std::nullopt;
}

}  // namespace

boost::asio::awaitable<aws::Result<std::map<std::string, std::string>>> find_objections(
    aws::Route53* route53, std::string zone, std::vector<fleet::DnsName> names, aws::CallOptions options) {
    std::vector<std::string> texts;
    for (const auto& name : names) {
        texts.push_back(name.name);
    }
    const auto standing =
        co_await find_standing(route53, std::move(zone), std::move(texts), Begin::first_name, options);
    if (!standing) {
        co_return std::unexpected(standing.error());
    }
    std::map<std::string, std::string> objections;
    for (const auto& name : names) {
        const auto found = standing->by_name.find(name.name);
        if (found == standing->by_name.end()) {
            continue;
        }
        for (const auto& record : found->second) {
            if (const auto reason = objection(record, name)) {
                objections.try_emplace(name.name, *reason);
            }
        }
    }
    co_return objections;
}

}  // namespace manager
