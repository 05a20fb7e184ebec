#include "manager/standing.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace manager {
namespace {

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

boost::asio::awaitable<aws::Result<std::map<std::string, std::vector<aws::ResourceRecordSet>>>> find_standing(
    aws::Route53* route53, std::string zone, std::vector<std::string> names, aws::CallOptions options) {
    std::map<std::string, std::vector<aws::ResourceRecordSet>> standing;
    std::map<std::string, std::string> wanted;
    for (auto& name : names) {
        wanted.emplace(sort_key(name), std::move(name));
    }
    // A page shows all names that lie between its ends, so that many take few calls.
    while (!wanted.empty()) {
        const auto first = wanted.begin();
        auto page = co_await route53->list_resource_record_sets(
            {.hosted_zone_id = zone, .start_name = first->second + "."}, options);
        if (!page) {
            co_return std::unexpected(page.error());
        }
        for (auto& record : page->records) {
            if (const auto name = wanted.find(sort_key(record.name)); name != wanted.end()) {
                standing[name->second].push_back(std::move(record));
            }
        }
        const auto next = page->truncated ? wanted.lower_bound(sort_key(page->next_name)) : wanted.end();
        // More than a page of one name's records: those that matter to us came first.
        wanted.erase(first, next == first ? std::next(first) : next);
    }
    co_return standing;
}

}  // namespace manager
