#include "manager/sweeper.hpp"

#include <algorithm>
#include <map>

#include "base/log.hpp"
#include "fleet/launch.hpp"
#include "manager/pause.hpp"
#include "manager/translate.hpp"

namespace manager {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

/// So that one transaction stays short.
constexpr std::size_t facts_a_transaction = 50;

using NamedFacts = std::vector<std::pair<std::string, fleet::Fact>>;

}  // namespace

Sweeper::Sweeper(Desk& desk, aws::Ec2& ec2, const Executor& executor, Heartbeats& heartbeats,
                 const Settings& settings, Metrics& metrics)
    : desk_(desk),
      ec2_(ec2),
      executor_(executor),
      heartbeats_(heartbeats),
      settings_(settings),
      metrics_(metrics) {}

asio::awaitable<void> Sweeper::run() {
    while (true) {
        heartbeats_.beat("sweeper", desk_.now(), 2 * settings_.sweep_every + 4 * settings_.call_timeout);
        const bool complete = co_await sweep();
        metrics_.sweep(complete);
        co_await sleep(settings_.sweep_every);
    }
}

asio::awaitable<bool> Sweeper::sweep() {
    std::vector<Known> requests;
    std::vector<Known> machines;
    for (const auto& [name, record] : executor_.records()) {
        for (const auto& launch : record->launches) {
            if (launch.machine && !launch.terminated) {
                machines.push_back({name, *launch.machine});
            }
            for (const auto& attempt : launch.attempts) {
                if (attempt.surplus && !attempt.surplus_ended) {
                    machines.push_back({name, *attempt.surplus});
                }
            }
            const auto* attempt = fleet::newest_attempt(launch);
            // An active request tells when its machine is marked to be taken.
            if (attempt && attempt->request && !attempt->closed && !launch.lost) {
                requests.push_back({name, *attempt->request});
            }
        }
    }
    auto seen_requests = co_await look_at_requests(std::move(requests));
    auto seen_machines = co_await look_at_machines(std::move(machines));
    NamedFacts facts = seen_requests.value_or(NamedFacts{});
    if (seen_machines) {
        std::ranges::move(*seen_machines, std::back_inserter(facts));
    }
    bool complete = seen_requests && seen_machines;
    for (std::size_t begin = 0; begin < facts.size(); begin += facts_a_transaction) {
        const auto end = std::min(begin + facts_a_transaction, facts.size());
        const NamedFacts part(facts.begin() + static_cast<std::ptrdiff_t>(begin),
                              facts.begin() + static_cast<std::ptrdiff_t>(end));
        const auto done = co_await desk_.run([part](fleet::Reception& reception, fleet::Ledger&) {
            for (const auto& [name, fact] : part) {
                reception.tell(name, fact);
            }
        });
        complete = complete && done;
    }
    co_return complete;
}

asio::awaitable<std::optional<NamedFacts>> Sweeper::look_at_requests(std::vector<Known> requests) {
    NamedFacts facts;
    if (requests.empty()) {
        co_return facts;
    }
    std::map<std::string, std::string> names;
    std::vector<std::string> ids;
    for (const auto& known : requests) {
        names[known.id] = known.name;
        ids.push_back(known.id);
    }
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_spot_instance_requests_by_id(
        std::move(ids),
        {.priority = aws::priority_background, .deadline = aws::Deadline::in(settings_.call_timeout)});
    if (!found) {
        log::write(log::Level::warning, "sweep_failed", {{"reason", aws::describe(found.error())}});
        co_return std::nullopt;
    }
    for (const auto& request : *found) {
        if (const auto name = names.find(request.id); name != names.end()) {
            facts.emplace_back(name->second, fleet::Fact{asked, to_fact(request)});
        }
    }
    co_return facts;
}

asio::awaitable<std::optional<NamedFacts>> Sweeper::look_at_machines(std::vector<Known> machines) {
    NamedFacts facts;
    if (machines.empty()) {
        co_return facts;
    }
    std::map<std::string, std::string> unseen;
    std::vector<std::string> ids;
    for (const auto& known : machines) {
        unseen[known.id] = known.name;
        ids.push_back(known.id);
    }
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_instances_by_id(
        std::move(ids),
        {.priority = aws::priority_background, .deadline = aws::Deadline::in(settings_.call_timeout)});
    if (!found) {
        log::write(log::Level::warning, "sweep_failed", {{"reason", aws::describe(found.error())}});
        co_return std::nullopt;
    }
    for (const auto& instance : *found) {
        if (const auto name = unseen.extract(instance.id)) {
            facts.emplace_back(name.mapped(), fleet::Fact{asked, to_fact(instance)});
        }
    }
    // The walk was complete: what it did not show was absent.
    for (const auto& [machine, name] : unseen) {
        facts.emplace_back(name, fleet::Fact{asked, fleet::MachineAbsent{machine}});
    }
    co_return facts;
}

}  // namespace manager
