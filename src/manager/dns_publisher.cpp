#include "manager/dns_publisher.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <set>

#include "fleet/launch.hpp"
#include "fleet/pending.hpp"
#include "manager/cancellation.hpp"
#include "manager/pause.hpp"
#include "manager/strangers.hpp"
#include "manager/translate.hpp"

namespace manager {

namespace asio = boost::asio;

namespace {

/// Route 53 takes 1000 records a batch, and an UPSERT counts twice.
constexpr std::size_t changes_max = 400;
/// Calls of one batch, one after the other, of which each may take its whole time.
constexpr int halvings_max = 20;
constexpr auto change_operation = "ChangeResourceRecordSets";

std::string publish_key(fleet::Side side) {
    return side == fleet::Side::private_ ? "publish/private" : "publish/public";
}

/// Route 53 has written nothing, and will not.
bool is_refusal(const aws::Error& error) {
    return !error.outcome_unknown &&
           (error.kind == aws::ErrorClass::invalid || error.kind == aws::ErrorClass::not_found ||
            error.kind == aws::ErrorClass::permission);
}

}  // namespace

DnsPublisher::DnsPublisher(Desk& desk, aws::Ec2& ec2, aws::Route53& route53, base::TaskGroup& tasks,
                           Heartbeats& heartbeats, const Settings& settings)
    : desk_(desk),
      ec2_(ec2),
      route53_(route53),
      tasks_(tasks),
      heartbeats_(heartbeats),
      settings_(settings) {}

asio::awaitable<Publication> DnsPublisher::publish(std::string zone, std::string name, fleet::Side side,
                                                   aws::Priority priority) {
    auto answer = std::make_shared<Answer>(co_await asio::this_coro::executor, 1);
    const bool idle = !waiting_.contains(zone);
    waiting_[zone].push_back({std::move(name), side, priority, answer});
    if (idle) {
        tasks_.spawn(serve_zone(zone));
    }
    auto [error, publication] = co_await answer->async_receive(asio::as_tuple(asio::use_awaitable));
    if (error) {
        throw_cancellation();
    }
    co_return std::move(publication);
}

asio::awaitable<void> DnsPublisher::serve_zone(std::string zone) {
    const auto loop = "dns_publisher " + zone;
    while (!waiting_.at(zone).empty()) {
        // Looks at Route 53 and EC2, and sends; in halves where one record is refused.
        heartbeats_.beat(loop, desk_.now(), settings_.dns_gather + halvings_max * settings_.call_timeout);
        co_await sleep(settings_.dns_gather);
        auto& waiting = waiting_.at(zone);
        // What goes is decided when the turn has come: until then more can come, and go along.
        co_await route53_.turn(change_operation, options_for(waiting).priority);
        heartbeats_.beat(loop, desk_.now(), halvings_max * settings_.call_timeout);
        std::ranges::sort(waiting, {}, &Item::priority);
        const auto count = std::min(waiting.size(), changes_max);
        const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<Item> batch(std::make_move_iterator(waiting.begin()), std::make_move_iterator(end));
        waiting.erase(waiting.begin(), end);
        std::string reason = "nothing was to be written";
        try {
            co_await publish_batch(zone, batch);
        } catch (const std::exception& exception) {
            if (is_cancellation(exception)) {
                throw;
            }
            reason = exception.what();
        }
        // Whoever was not answered would wait for ever.
        for (const auto& item : batch) {
            item.answer->try_send(boost::system::error_code{}, Publication{.reason = reason});
        }
    }
    waiting_.erase(zone);
    heartbeats_.forget(loop);
}

asio::awaitable<void> DnsPublisher::publish_batch(std::string zone, std::vector<Item> items) {
    const auto retired = co_await desk_.store().read([items](const store::ReadTransaction& transaction) {
        std::set<std::string> names;
        for (const auto& item : items) {
            if (const auto record = transaction.find(item.name); record && *record && (*record)->retirement) {
                names.insert(item.name);
            }
        }
        return names;
    });
    if (!retired) {
        for (const auto& item : items) {
            co_await fail(item, retired.error().message);
        }
        co_return;
    }
    std::vector<Item> staying;
    std::vector<Item> leaving;
    for (auto& item : items) {
        (retired->contains(item.name) ? leaving : staying).push_back(std::move(item));
    }
    // Apart: deletions must not be repeated blindly.
    if (!staying.empty()) {
        co_await write_records(zone, std::move(staying));
    }
    if (!leaving.empty()) {
        co_await remove_records(zone, std::move(leaving));
    }
}

asio::awaitable<void> DnsPublisher::write_records(std::string zone, std::vector<Item> items) {
    items = co_await without_strangers(zone, std::move(items));
    if (items.empty()) {
        co_return;
    }
    const auto asked = desk_.now();
    auto described = co_await ask_ec2(items);
    if (!described) {
        for (const auto& item : items) {
            co_await fail(item, aws::describe(described.error()));
        }
        co_return;
    }
    auto options = options_for(items);
    auto planned = co_await plan(zone, std::move(items), std::move(*described));
    if (!planned.empty()) {
        // What has grown old while it waited for its turn is not written.
        const auto fresh_for = asked + settings_.policy.address_age_max - desk_.now();
        options.deadline = options.deadline.no_later_than(aws::Deadline::in(fresh_for));
        options.has_turn_for = change_operation;
        co_await send(zone, std::move(planned), options);
    }
}

asio::awaitable<std::vector<DnsPublisher::Item>> DnsPublisher::without_strangers(std::string zone,
                                                                                 std::vector<Item> items) {
    std::vector<Item> free;
    std::vector<Item> unseen;
    std::vector<fleet::DnsName> names;
    for (auto& item : items) {
        const auto record = co_await desk_.store().read(
            [name = item.name](const store::ReadTransaction& transaction) { return transaction.find(name); });
        if (!record || !*record || !**record) {
            continue;
        }
        const auto& dns = (**record)->dns(item.side);
        const auto& wanted = (**record)->dns_name(item.side);
        if (!wanted) {
            continue;
        }
        if (dns.published || dns.unanswered || !dns.superseded.empty()) {
            free.push_back(std::move(item));
        } else {
            names.push_back(*wanted);
            unseen.push_back(std::move(item));
        }
    }
    if (unseen.empty()) {
        co_return free;
    }
    // The first time: a record that we did not write is not ours to change.
    const auto objections = co_await find_objections(&route53_, zone, names, options_for(unseen));
    for (std::size_t i = 0; i < unseen.size(); ++i) {
        if (!objections) {
            co_await fail(unseen[i], aws::describe(objections.error()));
        } else if (const auto objection = objections->find(names[i].name); objection != objections->end()) {
            co_await fail(unseen[i], objection->second);
        } else {
            free.push_back(std::move(unseen[i]));
        }
    }
    co_return free;
}

asio::awaitable<aws::Result<std::vector<fleet::Fact>>> DnsPublisher::ask_ec2(std::vector<Item> items) {
    std::set<std::string> machines;
    for (const auto& item : items) {
        const auto machine = co_await desk_.store().read(
            [name = item.name](const store::ReadTransaction& transaction) -> std::optional<std::string> {
                const auto record = transaction.find(name);
                const auto* launch = record && *record ? fleet::ready_launch(**record) : nullptr;
                return launch ? launch->machine : std::nullopt;
            });
        if (machine && *machine) {
            machines.insert(**machine);
        }
    }
    const auto asked = desk_.now();
    const auto found =
        co_await ec2_.describe_instances_by_id({machines.begin(), machines.end()}, options_for(items));
    if (!found) {
        co_return std::unexpected(found.error());
    }
    std::vector<fleet::Fact> described;
    for (const auto& instance : *found) {
        described.push_back({asked, to_fact(instance)});
    }
    co_return described;
}

asio::awaitable<std::vector<DnsPublisher::Planned>> DnsPublisher::plan(std::string zone,
                                                                       std::vector<Item> items,
                                                                       std::vector<fleet::Fact> described) {
    auto planned = std::make_shared<std::vector<Planned>>();
    const auto now = desk_.now();
    const auto age_max = settings_.policy.address_age_max;
    const auto done = co_await desk_.run([=](fleet::Reception& reception, fleet::Ledger& ledger) {
        planned->clear();
        for (const auto& fact : described) {
            const auto& machine = std::get<fleet::MachineDescribed>(fact.body).machine;
            if (const auto owner = ledger.name_of_machine(machine)) {
                reception.tell(*owner, fact);
            }
        }
        for (const auto& item : items) {
            const auto record = ledger.find(item.name);
            if (!record || !*record || (*record)->dns(item.side).zone_id != zone) {
                continue;
            }
            const auto wanted = fleet::wanted_write(**record, item.side);
            const auto* launch = fleet::ready_launch(**record);
            // Only an address that EC2 gave just now, for a machine that runs.
            const bool fresh = wanted && launch->ec2_state == fleet::Ec2State::running && launch->described &&
                               now - *launch->described <= age_max;
            if (fresh) {
                reception.tell(item.name, {now, fleet::UpsertSending{item.side, wanted->generation,
                                                                     wanted->address, wanted->ttl}});
                planned->push_back({item, (*record)->dns_name(item.side)->name, *wanted});
            } else if (!(*record)->retirement) {
                reception.tell(item.name, {now, fleet::NotYet{publish_key(item.side)}});
            }
        }
    });
    if (!done) {
        planned->clear();
    }
    co_return *planned;
}

asio::awaitable<void> DnsPublisher::send(std::string zone, std::vector<Planned> batch,
                                         aws::CallOptions options) {
    aws::ChangeResourceRecordSetsInput input{.hosted_zone_id = zone};
    for (const auto& planned : batch) {
        input.changes.push_back({.action = aws::ChangeAction::upsert,
                                 .record = {.name = planned.dns_name + ".",
                                            .type = "A",
                                            .ttl = planned.write.ttl,
                                            .values = {planned.write.address}}});
    }
    const auto answer = co_await route53_.change_resource_record_sets(std::move(input), options);
    options.has_turn_for = {};
    if (!answer && batch.size() > 1 && is_refusal(answer.error()) &&
        answer.error().kind == aws::ErrorClass::invalid) {
        // One bad record fails all: halves, until it is alone.
        const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
        co_await send(zone, std::vector<Planned>(batch.begin(), middle), options);
        co_await send(zone, std::vector<Planned>(middle, batch.end()), options);
        co_return;
    }
    for (const auto& planned : batch) {
        const auto& item = planned.item;
        const auto now = desk_.now();
        if (answer) {
            const fleet::Fact accepted{now, fleet::UpsertAccepted{item.side, planned.write.generation,
                                                                  planned.write.address, answer->id}};
            co_await conclude(item, accepted, {.accepted = true});
        } else if (is_refusal(answer.error())) {
            const auto reason = aws::describe(answer.error());
            const bool no_zone = answer.error().kind == aws::ErrorClass::not_found;
            co_await conclude(item, {now, fleet::UpsertRefused{item.side, reason, no_zone}},
                              {.reason = reason});
        } else {
            co_await fail(item, aws::describe(answer.error()));
        }
    }
}

asio::awaitable<void> DnsPublisher::fail(Item item, std::string reason) {
    const fleet::Fact failed{desk_.now(), fleet::ActionFailed{publish_key(item.side), reason}};
    co_await conclude(std::move(item), failed, {.reason = std::move(reason)});
}

/// A batch is as urgent as the most urgent name in it.
aws::CallOptions DnsPublisher::options_for(const std::vector<Item>& items) const {
    const auto most_urgent = std::ranges::min_element(items, {}, &Item::priority);
    return {.priority = most_urgent->priority,
            .deadline = aws::Deadline::in(settings_.call_timeout),
            .patient = true};
}

asio::awaitable<void> DnsPublisher::conclude(Item item, fleet::Fact fact, Publication publication) {
    const bool told = co_await desk_.tell(item.name, std::move(fact));
    publication.accepted = publication.accepted && told;
    item.answer->try_send(boost::system::error_code{}, std::move(publication));
}

}  // namespace manager
