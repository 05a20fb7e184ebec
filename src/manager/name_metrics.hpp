#pragma once

#include <prometheus/registry.h>

#include <map>

#include "fleet/record.hpp"
#include "fleet/spot_status.hpp"
#include "fleet/status.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace manager {

/// What the names go through, counted from one committed record to the next: a scrape costs the same however
/// many there are.
class NameMetrics {
  public:
    explicit NameMetrics(prometheus::Registry& registry);

    /// `before` is null for a record that was not known: what it tells of happened earlier and is not counted
    /// again.
    void changed(const fleet::Record* before, const fleet::Record& after, base::Time now);

    /// The name is there no more.
    void forgotten(const fleet::Record& record, base::Time now);

    /// Counts the machines' time up to now.
    void pass(base::Time now);

  private:
    /// By 1 or by -1.
    void count(const fleet::Record& record, int by);
    void count_launches(const fleet::Record* before, const fleet::Record& after);
    void time_replacement(const fleet::Record& before, const fleet::Record& after);
    void time_downtime(const fleet::Record& before, const fleet::Record& after);

    std::map<fleet::State, prometheus::Gauge*> names_;
    std::map<fleet::Market, prometheus::Gauge*> machines_;
    std::map<fleet::Market, prometheus::Counter*> machine_seconds_;
    std::map<fleet::Reason, prometheus::Counter*> launches_;
    std::map<fleet::Failure, prometheus::Counter*> failures_;
    prometheus::Histogram& to_request_;
    prometheus::Histogram& to_ready_;
    prometheus::Histogram& to_in_sync_;
    prometheus::Histogram& downtime_;
    std::optional<base::Time> counted_to_;
};

}  // namespace manager
