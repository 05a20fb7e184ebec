#include "manager/desk.hpp"

#include <algorithm>
#include <iterator>

#include "base/log.hpp"
#include "manager/store_ledger.hpp"

namespace manager {

namespace log = base::log;

namespace {

constexpr std::size_t facts_a_transaction = 50;

log::Level level_of(const fleet::Receipt& receipt) {
    switch (receipt.outcome) {
        case fleet::Outcome::rejected:
        case fleet::Outcome::left:
            return log::Level::warning;
        case fleet::Outcome::foreign:
        case fleet::Outcome::unclaimed:
        case fleet::Outcome::ignored:
            return log::Level::debug;
        default:
            return log::Level::info;
    }
}

}  // namespace

Desk::Desk(store::Store& store, const Settings& settings, const base::Clock& clock, Metrics& metrics)
    : store_(store), settings_(settings), clock_(clock), metrics_(metrics) {}

boost::asio::awaitable<base::Result<fleet::Effects>> Desk::run(Work work) {
    auto effects =
        co_await store_.write([this, work = std::move(work)](store::WriteTransaction& transaction) {
            StoreLedger ledger(transaction);
            fleet::Reception reception(ledger, settings_.rules, settings_.policy, clock_.now());
            work(reception, ledger);
            return reception.take_effects();
        });
    if (effects) {
        tell_of(*effects);
    } else {
        metrics_.store_failed();
        log::write(log::Level::error, "store_failed", {{"reason", effects.error().message}});
    }
    co_return effects;
}

boost::asio::awaitable<bool> Desk::tell(std::string name, fleet::Fact fact) {
    std::vector<fleet::Fact> facts;
    facts.push_back(std::move(fact));
    co_return co_await tell(std::move(name), std::move(facts));
}

boost::asio::awaitable<bool> Desk::tell(std::string name, std::vector<fleet::Fact> facts) {
    const auto done = co_await run(
        [name = std::move(name), facts = std::move(facts)](fleet::Reception& reception, fleet::Ledger&) {
            for (const auto& fact : facts) {
                reception.tell(name, fact);
            }
        });
    co_return done.has_value();
}

boost::asio::awaitable<Desk::Learned> Desk::learn(NamedFacts facts) {
    Learned learned;
    for (std::size_t begin = 0; begin < facts.size(); begin += facts_a_transaction) {
        const auto end = std::min(begin + facts_a_transaction, facts.size());
        const NamedFacts part(facts.begin() + static_cast<std::ptrdiff_t>(begin),
                              facts.begin() + static_cast<std::ptrdiff_t>(end));
        auto done = co_await run([part](fleet::Reception& reception, fleet::Ledger&) {
            for (const auto& [name, fact] : part) {
                reception.tell(name, fact);
            }
        });
        if (done) {
            std::ranges::move(done->journal, std::back_inserter(learned.history));
        } else {
            learned.all = false;
        }
    }
    co_return learned;
}

void Desk::tell_of(const fleet::Receipt& receipt) {
    metrics_.message(receipt, now());
    log::write(level_of(receipt), "message",
               {{"kind", std::string(fleet::word(receipt.kind))},
                {"outcome", boost::describe::enum_to_string(receipt.outcome, "?")},
                {"name", receipt.name},
                {"machine", receipt.machine},
                {"event_id", receipt.event_id},
                {"lag_ms", receipt.time ? std::to_string((now() - *receipt.time).count()) : ""},
                {"reason", receipt.reason}});
}

void Desk::tell_of(const fleet::Effects& effects) {
    for (const auto& receipt : effects.receipts) {
        tell_of(receipt);
    }
    for (const auto& entry : effects.journal) {
        metrics_.history(entry);
        log::write(log::Level::info, entry.event,
                   {{"name", entry.name},
                    {"generation", entry.generation ? std::to_string(*entry.generation) : ""},
                    {"machine", entry.machine.value_or("")},
                    {"text", entry.text}});
    }
    for (const auto& pool : effects.pools) {
        metrics_.pool(pool);
    }
    for (const auto& name : effects.erased) {
        if (on_erase) {
            on_erase(name);
        }
    }
    for (const auto& record : effects.changed) {
        if (on_change) {
            on_change(record);
        }
    }
}

}  // namespace manager
