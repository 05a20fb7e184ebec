#pragma once

#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <map>
#include <string>

#include "fleet/forecast.hpp"
#include "fleet/pending.hpp"
#include "fleet/reception.hpp"
#include "manager/image_metrics.hpp"
#include "manager/name_metrics.hpp"

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
    NameMetrics& names() { return names_; }
    ImageMetrics& images() { return images_; }
    void sweep(bool complete);
    /// A sweep found what no message had told: an event of the names' histories, or `orphan_machine` and the
    /// like.
    void finding(const std::string& kind);
    /// What is known of a pool now.
    void pool(const fleet::PoolHealth& health);
    /// What changes with time alone, for a scrape.
    void pass(base::Time now);
    void store_failed();
    /// From the journal: launches, losses, notices, readiness.
    void history(const fleet::JournalEntry& entry);

    /// What carries our tag and belongs to no record; a kind that is missing has none.
    void orphans(const std::map<std::string, std::size_t>& by_kind);

    void actions(std::size_t under_way, std::size_t waiting);
    void replacements(const fleet::Progress& progress);
    void receivers(std::size_t count);
    void unreadable_records(std::size_t count);

  private:
    prometheus::Family<prometheus::Counter>& messages_;
    prometheus::Histogram& lag_;
    prometheus::Family<prometheus::Counter>& actions_;
    prometheus::Family<prometheus::Counter>& history_;
    prometheus::Family<prometheus::Counter>& sweeps_;
    prometheus::Family<prometheus::Counter>& findings_;
    prometheus::Counter& store_failures_;
    prometheus::Gauge& pools_avoided_;
    std::map<fleet::Pool, base::Time> avoided_until_;
    prometheus::Gauge& under_way_;
    prometheus::Gauge& waiting_;
    prometheus::Gauge& receivers_;
    prometheus::Gauge& unreadable_records_;
    prometheus::Histogram& action_seconds_;
    NameMetrics names_;
    ImageMetrics images_;
    prometheus::Gauge* replacements_waiting_ = nullptr;
    prometheus::Gauge* replacements_under_way_ = nullptr;
    prometheus::Gauge& replacements_late_;
    std::map<std::string, prometheus::Gauge*> orphans_;  ///< by kind
};

}  // namespace manager
