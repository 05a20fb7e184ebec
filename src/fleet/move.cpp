#include "fleet/move.hpp"

#include <algorithm>
#include <span>

#include "fleet/launch.hpp"
#include "fleet/spot_status.hpp"

namespace fleet {
namespace {

std::string words_for(const Attempt& attempt) {
    const bool spot = attempt.pool.market == Market::spot;
    return (spot ? "a spot " : "an on-demand ") + attempt.pool.instance_type + " in " +
           attempt.pool.subnet_id;
}

/// Gathers what happened.
class Teller {
  public:
    explicit Teller(std::vector<Moment>& moments) : moments_(moments) {}

    void tell_leaving(const Launch& launch) {
        const auto machine = "machine " + launch.machine.value_or("?");
        if (const auto& notice = launch.notice) {
            add(notice->seen, Mark::notice,
                "AWS gave notice: it will " + notice->action + " " + machine + " at " +
                    base::format_time(notice->terminate_by));
        }
        if (const auto& demand = launch.demand) {
            add(demand->at, Mark::demanded, demand->text);
        }
        add(launch.lost, Mark::gone, machine + " was gone");
    }

    void tell_coming(const Record& record, const Launch& launch) {
        for (const auto& attempt : launch.attempts) {
            tell_attempt(attempt);
        }
        if (!launch.machine) {
            return;
        }
        const auto machine = "machine " + *launch.machine;
        add(launch.given, Mark::machine_given, "EC2 gave " + machine);
        if (launch.report) {
            add(launch.report->at, Mark::booted, machine + " reported that it had booted");
        }
        add(launch.ready, Mark::ready, machine + " was ready");
        const auto served = served_since(record, launch);
        if (record.spec.dns.private_ || record.spec.dns.public_) {
            add(served, Mark::published, "Route 53 took the addresses of " + machine);
        }
        add(launch.in_sync, Mark::in_sync, "all servers of Route 53 answered with them");
        if (!served) {
            add(launch.lost, Mark::gone, machine + " was gone before the name had moved to it");
        }
    }

  private:
    void tell_attempt(const Attempt& attempt) {
        if (const auto when = attempt.answered ? attempt.answered : attempt.sent) {
            add(when, Mark::requested,
                attempt.request ? "spot request " + *attempt.request + " was made for " + words_for(attempt)
                                : "EC2 was asked for " + words_for(attempt));
        }
        add(attempt.closed, Mark::refused, "no machine: " + explain(attempt, attempt.status));
    }

    void add(std::optional<Time> at, Mark what, std::string text) {
        if (at) {
            const auto later = std::ranges::upper_bound(moments_, *at, {}, &Moment::at);
            moments_.insert(later, {*at, what, std::move(text)});
        }
    }

    std::vector<Moment>& moments_;
};

bool is_leaving(const Launch& launch) {
    return launch.demand || launch.notice || launch.lost;
}

void say_why(Move& move) {
    if (move.to) {
        move.reason = move.to->reason;
        move.why = move.to->why;
    } else if (move.from && move.from->demand) {
        move.reason = move.from->demand->reason;
        move.why = move.from->demand->text;
    } else if (move.from && !move.moments.empty()) {
        move.reason = move.from->notice ? Reason::notice : Reason::lost;
        move.why = move.moments.front().text;
    }
}

std::optional<Duration> downtime_of(const Move& move) {
    if (!move.from || !move.arrived || move.reason == Reason::resumed) {
        return std::nullopt;
    }
    return std::max(Duration{0}, *move.arrived - move.from->lost.value_or(*move.arrived));
}

/// The name may have gone back to an older machine, under a notice but alive.
bool is_bridged(const Record& record, const Move& move) {
    return move.downtime && *move.downtime > Duration{0} &&
           std::ranges::any_of(record.launches, [&](const Launch& older) {
               return older.generation < move.from->generation && older.ready &&
                      older.lost.value_or(Time::max()) > *move.from->lost;
           });
}

/// From the launch that served, if any, over these.
Move make_move(const Record& record, const Launch* from, std::span<const Launch> launches) {
    Move move;
    move.from = from;
    move.to = launches.empty() ? nullptr : &launches.back();
    Teller teller(move.moments);
    if (from) {
        teller.tell_leaving(*from);
    }
    for (const auto& launch : launches) {
        teller.tell_coming(record, launch);
    }
    say_why(move);
    move.begun = launches.empty() ? Time::max() : launches.front().started;
    if (!move.moments.empty()) {
        move.begun = std::min(move.begun, move.moments.front().at);
    }
    if (move.to) {
        move.arrived = served_since(record, *move.to);
    }
    move.downtime = downtime_of(move);
    move.bridged = is_bridged(record, move);
    const bool asked = std::ranges::any_of(launches, [](const Launch& launch) {
        const auto* attempt = newest_attempt(launch);
        return launch.machine || (attempt && attempt->answered);
    });
    move.phase = move.arrived ? Phase::done : asked ? Phase::under_way : Phase::waiting;
    return move;
}

/// Older versions did not write down when DNS was accepted, which follows at once when a machine is ready.
std::optional<Time> before_times_were_kept(const Record& record, const Launch& launch) {
    const bool kept =
        std::ranges::any_of(record.launches, [](const Launch& other) { return other.published.has_value(); });
    return kept || !launch.lost ? std::nullopt : launch.ready;
}

}  // namespace

std::optional<Time> served_since(const Record& record, const Launch& launch) {
    if (launch.published) {
        return launch.published;
    }
    std::optional<Time> since;
    bool has_name = false;
    for (const Side side : {Side::private_, Side::public_}) {
        if (record.dns_name(side)) {
            has_name = true;
            const auto& published = record.dns(side).published;
            if (!published || published->generation != launch.generation) {
                return before_times_were_kept(record, launch);
            }
            since = std::max(since, published->accepted);
        }
    }
    return has_name ? since : launch.ready;
}

std::vector<Move> moves_of(const Record& record) {
    std::vector<Move> moves;
    const std::span launches(record.launches);
    const Launch* from = nullptr;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < launches.size(); ++i) {
        if (served_since(record, launches[i])) {
            moves.push_back(make_move(record, from, launches.subspan(begin, i + 1 - begin)));
            from = &launches[i];
            begin = i + 1;
        }
    }
    const bool expected = record.intent == Intent::running && from && is_leaving(*from);
    if (begin < launches.size() || expected) {
        moves.push_back(make_move(record, from, launches.subspan(begin)));
    }
    return moves;
}

}  // namespace fleet
