#include "manager/standing.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace manager {
namespace {

/// Route 53 sorts names with their labels reversed and a dot at the end: `com.example.lms.`.
/// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceStanding.html
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

boost::asio::awaitable<aws::Result<Standing>> find_standing(aws::Route53* route53, std::string zone,
                                                            std::vector<std::string> names, Begin begin,
                                                            aws::CallOptions options) {
    Standing found;
    std::map<std::string, std::string> wanted;
    for (auto& name : names) {
        wanted.emplace(sort_key(name), std::move(name));
    }
    bool from_apex = begin == Begin::apex;
    while (!wanted.empty()) {
        const auto first = wanted.begin();
        const auto page = co_await route53->list_resource_record_sets(
            {.hosted_zone_id = zone, .start_name = from_apex ? "" : first->second + "."}, options);
        if (!page) {
            co_return std::unexpected(page.error());
        }
        for (const auto& record : page->records) {
            found.apex = found.apex || record.type == "SOA";
            if (const auto name = wanted.find(sort_key(record.name)); name != wanted.end()) {
                found.by_name[name->second].push_back(record);
            }
        }
        auto next = page->truncated ? wanted.lower_bound(sort_key(page->next_name)) : wanted.end();
        if (next == first && !from_apex) {
            // More than a page of one name's records: those that matter to us came first.
            ++next;
        }
        from_apex = false;
        wanted.erase(first, next);
        if (!wanted.empty()) {
            // Where a page ended amid a name, its records come again.
            found.by_name.erase(wanted.begin()->second);
        }
    }
    co_return found;
}

fleet::DnsSeen seen_in(const std::vector<aws::ResourceRecordSet>& records, fleet::Side side) {
    fleet::DnsSeen seen{.side = side};
    for (const auto& record : records) {
        if (record.type == "CNAME") {
            seen.other = "a CNAME";
        } else if (record.type == "A" && !record.set_identifier.empty()) {
            seen.other = "a routing policy";
        } else if (record.type == "A" && record.alias) {
            seen.values = {"an alias of " + record.alias->dns_name};
        } else if (record.type == "A") {
            seen.values = record.values;
            seen.ttl = record.ttl.value_or(0);
        }
    }
    std::ranges::sort(seen.values);
    return seen;
}

}  // namespace manager
