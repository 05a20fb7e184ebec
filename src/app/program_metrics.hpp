#pragma once

#include <prometheus/registry.h>

#include <string_view>

#include "base/clock.hpp"
#include "store/store.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
template <class T>
class Family;
}  // namespace prometheus

namespace app {

/// What is counted outside of the loops: the store, the HTTP API, the process.
class ProgramMetrics {
  public:
    ProgramMetrics(prometheus::Registry& registry, std::string_view version);

    /// Before a scrape.
    void observe(const store::Statistics& statistics);
    void observe_process();

    /// A call of the HTTP API; `route` is the pattern, never the path.
    void web_call(std::string_view route, std::string_view method, int status);

  private:
    prometheus::Counter& commits_;
    prometheus::Counter& commit_seconds_;
    prometheus::Gauge& map_bytes_;
    prometheus::Gauge& waiting_;
    prometheus::Gauge& writable_;
    prometheus::Family<prometheus::Counter>& web_calls_;
    prometheus::Counter& cpu_seconds_;
    prometheus::Gauge& resident_bytes_;
    prometheus::Gauge& open_files_;
};

}  // namespace app
