#pragma once

#include <cstddef>
#include <string>

#include "base/time.hpp"
#include "fleet/policy.hpp"
#include "fleet/reception.hpp"

namespace manager {

using namespace std::chrono_literals;

/// What the loops are told by the configuration.
struct Settings {
    std::string queue_url;
    std::string region;
    fleet::Policy policy;
    fleet::Rules rules;                 ///< with the store's key and the account
    base::Duration receive_wait = 20s;  ///< SQS's long poll, whole seconds
    /// A message that was received and not deleted, since we died or the store was full, comes again after
    /// it. Whole seconds.
    base::Duration hidden_for = 20s;
    base::Duration sweep_every = 1min;
    base::Duration image_sweep_every = 10min;  ///< all images and snapshots: many pages
    base::Duration dns_gather = 50ms;          ///< changes of one zone that come within it go together
    base::Duration call_timeout = 30s;         ///< of one AWS call, retries included
    base::Duration probe_timeout = 2s;
    base::Duration image_fresh_for = 72h;  ///< a name without a good image as young is told of by a metric
    base::Duration watch_every = 10s;      ///< between probes of machines that have been ready
    std::size_t actions_at_once = 64;  ///< a quarter is kept for names that are about to lose their machine
    std::size_t receivers_max = 4;     ///< that read the queue at once while batches come full
};

}  // namespace manager
