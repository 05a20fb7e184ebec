#pragma once

#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <map>
#include <string_view>

#include "fleet/pending.hpp"
#include "fleet/reception.hpp"
#include "fleet/status.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace manager {

/// Everything the manager counts; labels only from closed sets.
class Metrics {
  public:
    explicit Metrics(prometheus::Registry& registry);

    /// A message reached its fate; its lag is counted from the event's own time.
    void message(const fleet::Receipt& receipt, base::Time now);
    void action(fleet::ActionKind kind, bool succeeded, base::Duration duration);
    /// A name went from one state to another; nothing stands for not being there.
    void name_state(std::optional<fleet::State> from, std::optional<fleet::State> to);
    void sweep(bool complete);
    void store_failed();
    /// From the journal: launches, losses, notices, readiness.
    void history(const fleet::JournalEntry& entry);

    void actions_under_way(std::size_t count);
    void unreadable_records(std::size_t count);

  private:
    prometheus::Family<prometheus::Counter>& messages_;
    prometheus::Histogram& lag_;
    prometheus::Family<prometheus::Counter>& actions_;
    prometheus::Family<prometheus::Counter>& history_;
    prometheus::Family<prometheus::Counter>& sweeps_;
    prometheus::Counter& store_failures_;
    prometheus::Gauge& under_way_;
    prometheus::Gauge& unreadable_records_;
    prometheus::Histogram& action_seconds_;
    std::map<fleet::State, prometheus::Gauge*> names_;
};

}  // namespace manager
