#include <algorithm>

#include "fleet/retirement.hpp"
#include "manager/dns_publisher.hpp"
#include "manager/standing.hpp"

/// The part of the publisher that deletes the records of retired names: only what stands there with a value
/// of ours, exactly as it stands.
namespace manager {

namespace asio = boost::asio;

namespace {

struct Known {
    std::string dns_name;
    fleet::DnsState dns;
};

}  // namespace

asio::awaitable<void> DnsPublisher::remove_records(std::string zone, std::vector<Item> items) {
    const auto known = co_await desk_.store().read([items](const store::ReadTransaction& transaction) {
        std::vector<Known> known;
        for (const auto& item : items) {
            const auto found = transaction.find(item.name);
            const auto record = found && *found ? **found : fleet::Record{};
            known.push_back(
                {record.dns_name(item.side).value_or(fleet::DnsName{}).name, record.dns(item.side)});
        }
        return known;
    });
    const auto options = options_for(items);
    std::vector<std::string> names;
    for (const auto& one : known.value_or(std::vector<Known>{})) {
        names.push_back(one.dns_name);
    }
    auto standing = co_await find_standing(&route53_, zone, std::move(names), Begin::first_name, options);
    const bool zone_is_gone = !standing && standing.error().kind == aws::ErrorClass::not_found;
    std::vector<Removal> batch;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!known || (!standing && !zone_is_gone)) {
            co_await fail(items[i], known ? aws::describe(standing.error()) : known.error().message);
            continue;
        }
        const auto& one = known->at(i);
        const auto sets =
            zone_is_gone ? std::vector<aws::ResourceRecordSet>{} : standing->by_name[one.dns_name];
        if (const auto reason = fleet::why_left(one.dns_name, one.dns, seen_in(sets, items[i].side))) {
            const fleet::Fact left{desk_.now(), fleet::RecordLeft{items[i].side, *reason}};
            co_await conclude(items[i], left, {.accepted = true});
        } else {
            batch.push_back({items[i], *std::ranges::find(sets, "A", &aws::ResourceRecordSet::type)});
        }
    }
    if (!batch.empty()) {
        co_await send_removals(zone, std::move(batch), options);
    }
}

/// Whatever comes of it, the next look shows it: what failed, or is not known, is tried again.
asio::awaitable<void> DnsPublisher::send_removals(std::string zone, std::vector<Removal> batch,
                                                  aws::CallOptions options) {
    aws::ChangeResourceRecordSetsInput input{.hosted_zone_id = zone};
    for (const auto& removal : batch) {
        input.changes.push_back({.action = aws::ChangeAction::remove, .record = removal.record});
    }
    const auto answer = co_await route53_.change_resource_record_sets(std::move(input), options);
    if (!answer && batch.size() > 1 && answer.error().kind == aws::ErrorClass::invalid) {
        // One that has changed meanwhile fails all: halves, until it is alone.
        const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
        co_await send_removals(zone, std::vector<Removal>(batch.begin(), middle), options);
        co_await send_removals(zone, std::vector<Removal>(middle, batch.end()), options);
        co_return;
    }
    for (const auto& removal : batch) {
        if (answer) {
            const fleet::Fact deleted{desk_.now(),
                                      fleet::RecordDeleted{removal.item.side, removal.record.values.front()}};
            co_await conclude(removal.item, deleted, {.accepted = true});
        } else {
            co_await fail(removal.item, aws::describe(answer.error()));
        }
    }
}

}  // namespace manager
