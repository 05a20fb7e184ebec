#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace fleet {

using namespace std::chrono_literals;

/// How patient the life cycle is. Settings of the configuration; tests make them small.
struct Policy {
    base::Duration open_for = 5min;     ///< a spot request left open longer is cancelled
    base::Duration backoff_first = 1s;  ///< after a failed action; doubles, with jitter
    base::Duration backoff_max = 2min;
    base::Duration relaunch_backoff_first = 5s;  ///< before the next attempt, when the last gave no machine
    base::Duration relaunch_backoff_max = 10min;
    base::Duration visible_after = 1min;  ///< what EC2 took is found by then
    base::Duration look_every = 15s;      ///< between looks at a spot request or machine that is on its way
    base::Duration probe_every = 2s;
    base::Duration change_every = 2s;        ///< between looks at a DNS change that is not in sync
    base::Duration legacy_settle = 30s;      ///< a legacy report is sent before the machine's reboot
    base::Duration address_age_max = 10s;    ///< an older answer of EC2 is not published
    base::Duration gone_after = 5min;        ///< a machine younger than that is not taken for gone by absence
    int gone_after_sweeps = 3;               ///< complete sweeps in a row without the machine
    std::size_t replacements_at_once = 10;   ///< of all names, those that can wait
    base::Duration turn_every = 5s;          ///< between looks whether a replacement that can wait may begin
    base::Duration rebalance_cooldown = 1h;  ///< between replacements of one name for recommendations
    base::Duration avoid_first =
        5min;  ///< a pool without capacity, or that gave a notice; doubles, with jitter
    base::Duration avoid_max = 1h;
    base::Duration back_to_spot_first = 15min;  ///< on-demand, before a spot machine is tried for; doubles
    base::Duration back_to_spot_max = 4h;
    base::Time
        watching_since;  ///< this process looks after machines: it was not there to hear of them before
    base::Duration leave_after = 10min;  ///< a machine that AWS did not take by then is ended, if superseded
    base::Duration image_every = 30s;    ///< between looks at an image that EC2 has not described yet
    base::Duration image_backoff_first =
        1min;  ///< after a failed action about an image; doubles, with jitter
    base::Duration image_backoff_max = 1h;
    int image_tries = 3;                         ///< in a row, before the schedule's next time is waited for
    base::Duration image_pending_max = 6h;       ///< an image that is pending for longer is given up
    base::Duration image_announce_every = 1min;  ///< until its command has come through the queue
    base::Duration reboot_for = 10min;         ///< a machine's, for its image: signs of trouble do not count
    base::Duration test_without_machine = 1h;  ///< then an image's test is given up
    bool end_orphans = false;                  ///< of retired names, in EC2; else they are only told of
    base::Duration orphan_grace = 1h;          ///< after the name is gone and the orphan was first seen
    std::size_t history_max = 20;              ///< launches kept in a record
    std::size_t attempts_max = 10;             ///< attempts kept in a launch
};

}  // namespace fleet
