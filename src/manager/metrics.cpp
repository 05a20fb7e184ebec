#include "manager/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace manager {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

double seconds(base::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const std::string& name, const std::string& help) {
    return BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Histogram& histogram(prometheus::Registry& registry, const std::string& name,
                                 const std::string& help) {
    return BuildHistogram().Name(name).Help(help).Register(registry).Add(
        {}, prometheus::Histogram::BucketBoundaries{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800});
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : messages_(BuildCounter()
                    .Name("spot_manager_messages_total")
                    .Help("Messages taken from the queue, by kind and fate.")
                    .Register(registry)),
      lag_(histogram(registry, "spot_manager_message_lag_seconds",
                     "From an event's own time to the commit of its effect.")),
      actions_(BuildCounter()
                   .Name("spot_manager_actions_total")
                   .Help("Actions carried out in AWS, by kind and outcome.")
                   .Register(registry)),
      history_(BuildCounter()
                   .Name("spot_manager_history_total")
                   .Help("Entries of the names' histories, by event.")
                   .Register(registry)),
      sweeps_(BuildCounter()
                  .Name("spot_manager_sweeps_total")
                  .Help("Looks at all our spot requests and machines, by outcome.")
                  .Register(registry)),
      findings_(BuildCounter()
                    .Name("spot_manager_sweep_findings_total")
                    .Help("What sweeps found before a message told it, by kind.")
                    .Register(registry)),
      store_failures_(BuildCounter()
                          .Name("spot_manager_store_failures_total")
                          .Help("Transactions that could not be committed.")
                          .Register(registry)
                          .Add({})),
      pools_avoided_(gauge(registry, "spot_manager_pools_avoided",
                           "Pools that lately had no capacity or gave a notice, and are not chosen.")),
      under_way_(
          gauge(registry, "spot_manager_actions_under_way", "Actions in AWS that have begun and not ended.")),
      waiting_(gauge(registry, "spot_manager_actions_waiting", "Actions that wait for others to end.")),
      receivers_(gauge(registry, "spot_manager_receivers", "Receivers that read the queue at once.")),
      unreadable_records_(gauge(registry, "spot_manager_unreadable_records",
                                "Names whose records could not be read at start: nothing is done for them.")),
      action_seconds_(histogram(registry, "spot_manager_action_seconds", "How long an action took.")),
      names_(registry),
      images_(registry),
      replacements_late_(
          gauge(registry, "spot_manager_replacements_late",
                "Names whose next machine is not likely to be ready before they lose theirs.")) {
    auto& replacements = BuildGauge()
                             .Name("spot_manager_replacements")
                             .Help("Names that lose or have lost their machine, by how far the next one is.")
                             .Register(registry);
    replacements_waiting_ = &replacements.Add({{"stage", "waiting"}});
    replacements_under_way_ = &replacements.Add({{"stage", "under_way"}});
    auto& orphans = BuildGauge()
                        .Name("spot_manager_orphans")
                        .Help("What carries this store's tag in EC2 and belongs to no record, by kind.")
                        .Register(registry);
    for (const auto* kind : {"spot_request", "machine", "launch_template", "image", "snapshot"}) {
        findings_.Add({{"kind", std::string("orphan_") + kind}});
        orphans_.emplace(kind, &orphans.Add({{"kind", kind}}));
    }
}

void Metrics::message(const fleet::Receipt& receipt, base::Time now) {
    messages_
        .Add({{"kind", std::string(fleet::word(receipt.kind))},
              {"outcome", boost::describe::enum_to_string(receipt.outcome, "?")}})
        .Increment();
    if (receipt.time && receipt.outcome == fleet::Outcome::handled) {
        lag_.Observe(std::max(0.0, seconds(now - *receipt.time)));
    }
}

void Metrics::action(fleet::ActionKind kind, bool succeeded, base::Duration duration) {
    actions_
        .Add({{"kind", boost::describe::enum_to_string(kind, "?")},
              {"outcome", succeeded ? "succeeded" : "failed"}})
        .Increment();
    action_seconds_.Observe(seconds(duration));
}

void Metrics::sweep(bool complete) {
    sweeps_.Add({{"outcome", complete ? "complete" : "failed"}}).Increment();
}

void Metrics::finding(const std::string& kind) {
    findings_.Add({{"kind", kind}}).Increment();
}

void Metrics::pool(const fleet::PoolHealth& health) {
    if (health.avoid_until) {
        avoided_until_[health.pool] = *health.avoid_until;
    } else {
        avoided_until_.erase(health.pool);
    }
}

void Metrics::pass(base::Time now) {
    names_.pass(now);
    std::erase_if(avoided_until_, [now](const auto& pool) { return pool.second <= now; });
    pools_avoided_.Set(static_cast<double>(avoided_until_.size()));
}

void Metrics::store_failed() {
    store_failures_.Increment();
}

void Metrics::history(const fleet::JournalEntry& entry) {
    history_.Add({{"event", entry.event}}).Increment();
}

void Metrics::unreadable_records(std::size_t count) {
    unreadable_records_.Set(static_cast<double>(count));
}

void Metrics::orphans(const std::map<std::string, std::size_t>& by_kind) {
    for (const auto& [kind, gauge] : orphans_) {
        const auto count = by_kind.find(kind);
        gauge->Set(count == by_kind.end() ? 0 : static_cast<double>(count->second));
    }
}

void Metrics::actions(std::size_t under_way, std::size_t waiting) {
    under_way_.Set(static_cast<double>(under_way));
    waiting_.Set(static_cast<double>(waiting));
}

void Metrics::replacements(const fleet::Progress& progress) {
    replacements_waiting_->Set(static_cast<double>(progress.waiting));
    replacements_under_way_->Set(static_cast<double>(progress.under_way));
    replacements_late_.Set(static_cast<double>(progress.late));
}

void Metrics::receivers(std::size_t count) {
    receivers_.Set(static_cast<double>(count));
}

}  // namespace manager
