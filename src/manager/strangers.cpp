#include "manager/strangers.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace manager {
namespace {

/// Why a record that stands under our name must not be written over; nothing when it may.
std::optional<std::string> objection(const aws::ResourceRecordSet& record, const fleet::DnsName& wanted) {
    if (record.name != wanted.name + ".") {
        return std::nullopt;
    }
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

/// Route 53 sorts names with their labels reversed and a dot at the end: `com.example.lms.`.
/// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
std::string sort_key(std::string_view name) {
    if (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    auto labels = base::split(name, '.');
    std::ranges::reverse(labels);
    std::string key;
    for (const auto label : labels) {
        key += std::string(label) + ".";
    }
    return key;
}

}  // namespace

boost::asio::awaitable<aws::Result<std::map<std::string, std::string>>> find_objections(
    aws::Route53* route53, std::string zone, std::vector<fleet::DnsName> names, aws::CallOptions options) {
    std::map<std::string, std::string> objections;
    std::map<std::string, fleet::DnsName> wanted;
    for (auto& name : names) {
        wanted.emplace(sort_key(name.name), std::move(name));
    }
    // A page shows all names that lie between its ends, so that many take few calls.
    while (!wanted.empty()) {
        const auto first = wanted.begin();
        const auto page = co_await route53->list_resource_record_sets(
            {.hosted_zone_id = zone, .start_name = first->second.name + "."}, options);
        if (!page) {
            co_return std::unexpected(page.error());
        }
        for (const auto& record : page->records) {
            if (const auto name = wanted.find(sort_key(record.name)); name != wanted.end()) {
                if (const auto reason = objection(record, name->second)) {
                    objections.try_emplace(name->second.name, *reason);
                }
            }
        }
        const auto next = page->truncated ? wanted.lower_bound(sort_key(page->next_name)) : wanted.end();
        // More than a page of one name's records: those that matter to us came first.
        wanted.erase(first, next == first ? std::next(first) : next);
    }
    co_return objections;
}

}  // namespace manager
