#pragma once

#include <prometheus/registry.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "fleet/record.hpp"

namespace prometheus {
class Counter;
class Gauge;
}  // namespace prometheus

namespace manager {

/// What becomes of images, counted from one committed record to the next; and how many names have none that
/// is good and young.
class ImageMetrics {
  public:
    explicit ImageMetrics(prometheus::Registry& registry);

    /// As NameMetrics::changed().
    void changed(const fleet::Record* before, const fleet::Record& after);
    void forgotten(const std::string& name);

    /// An image older than `fresh_for` is not young any more.
    void pass(base::Time now, base::Duration fresh_for);

  private:
    enum class Outcome { made, failed, good, bad, rolled_back, tested, removed };

    void count(Outcome outcome);
    void compare(const fleet::Record& before, const fleet::Record& after);
    void place(const fleet::Record& record);

    std::map<Outcome, prometheus::Counter*> images_;
    prometheus::Gauge& stale_;
    std::map<std::string, base::Time> newest_;            ///< of names that have images made
    std::set<std::pair<base::Time, std::string>> young_;  ///< of them, oldest first
};

}  // namespace manager
