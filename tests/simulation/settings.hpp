#pragma once

#include "base/time.hpp"

namespace simulation {

using base::Duration;
using namespace std::chrono_literals;

/// How the world is. Chances in percent of the things to which they can happen; the defaults are a kind
/// world.
struct Settings {
    // Messages.
    double lost = 0;     ///< an event that never comes
    double doubled = 0;  ///< it comes twice, with one event id
    double late = 0;     ///< by up to `latest`
    Duration latest = 5min;

    // Calls.
    double failed = 0;      ///< it never arrives, and this is known
    double unanswered = 0;  ///< it was carried out, or never arrived: nobody knows
    double slow = 0;        ///< up to a minute
    double refused = 0;     ///< EC2 or Route 53 says no
    double stale = 0;       ///< it reads what was true up to half a minute ago
    std::size_t quota = 0;  ///< spot machines that the account may have; 0: any number

    double crashed = 0;  ///< of the manager's steps: it is killed after it

    // Images.
    double image_fails = 0;  ///< or stays pending for ever
    double image_bad = 0;    ///< no machine that boots from it becomes ready

    // Machines.
    Duration starts_min = 5s;  ///< from pending to running
    Duration starts_max = 20s;
    Duration boots_min = 30s;  ///< from running to ready
    Duration boots_max = 90s;
    double never_boots = 0;        ///< nor reports
    Duration taken_once_in{};      ///< AWS takes a running machine back; 0: never
    double notice_late = 0;        ///< of the notices: less than their two minutes before the end
    double notice_missing = 0;     ///< there is none
    double advised_before = 0;     ///< a rebalance recommendation came first
    Duration advised_in_vain{};    ///< once in: a recommendation that comes to nothing; 0: never
    double dries_up = 0;           ///< of the machines taken: their pool has no capacity for some minutes
    Duration mischief_once_in{};   ///< a machine is stopped, ended, fails or dies without a word; 0: never
    Duration drought_once_in{};    ///< a pool loses its capacity; 0: never
    Duration strangers_once_in{};  ///< others write over our DNS records; 0: never

    Duration sweep_every = 1min;
    bool sweeps_at_rest = true;  ///< the sweeper looks at all names, not only at those that change

    std::size_t replacements_at_once = 10;  ///< those that can wait, as the manager's policy says

    Duration orders_once_in{};  ///< users retire, replace, pause and change their names; 0: never
};

}  // namespace simulation
