#include "fleet/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/describe/enum_to_string.hpp>
#include <iterator>

#include "fleet/fallback.hpp"
#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "fleet/spot_status.hpp"

namespace fleet {
namespace {

constexpr std::size_t moves_told = 3;

/// `1 h 3 min`, `47 s`, `0.4 s`.
std::string spell(Duration duration) {
    if (duration < std::chrono::seconds{10}) {
        return fmt::format("{:.1f} s", std::chrono::duration<double>(duration).count());
    }
    const auto seconds = std::chrono::round<std::chrono::seconds>(duration).count();
    if (seconds < 120) {
        return fmt::format("{} s", seconds);
    }
    if (seconds < 7200) {
        return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    }
    return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

std::string at(Time time) {
    return base::format_time(std::chrono::floor<std::chrono::seconds>(time));
}

/// `in 47 s` or `47 s ago`.
std::string from_now(Time time, Time now) {
    return time > now ? "in " + spell(time - now) : spell(now - time) + " ago";
}

class Account {
  public:
    Account(const Record& record, Time now) : record_(record), now_(now) {}

    std::vector<std::string> tell(const Status& status, const std::vector<Move>& moves) {
        // Of a name that goes on, the sentences below say more than the rest of the reason.
        const bool goes_on = record_.intent == Intent::running;
        add("{} is {}: {}.", record_.name(), boost::describe::enum_to_string(status.state, "unknown"),
            goes_on ? status.reason.substr(0, status.reason.find("; ")) : status.reason);
        for (const auto& launch : record_.launches) {
            if (!launch.lost && launch.machine) {
                tell_machine(launch);
                tell_trouble(launch);
            }
        }
        tell_dns();
        if (!moves.empty() && moves.back().phase != Phase::done) {
            tell_search(moves.back());
        }
        std::ranges::move(tell_images(record_), std::back_inserter(sentences_));
        for (const auto& [key, retry] : record_.retries) {
            // An image that failed a few times waits for its schedule, not for a retry.
            const bool is_tried_again = key != next_image_key || record_.imaging.again;
            if (!retry.error.empty() && is_tried_again) {
                add("What failed last, {} time{}: {}. It is tried again at {}, {}.", retry.tries,
                    retry.tries == 1 ? "" : "s", retry.error, at(retry.not_before),
                    retry.not_before > now_ ? from_now(retry.not_before, now_) : "which is now");
            }
        }
        return std::move(sentences_);
    }

  private:
    template <class... Arguments>
    void add(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        sentences_.push_back(fmt::format(text, std::forward<Arguments>(arguments)...));
    }

    void tell_machine(const Launch& launch) {
        const auto* attempt = newest_attempt(launch);
        const bool on_demand = attempt && attempt->pool.market == Market::on_demand;
        add("Launch {} ({}) has machine {}{}.", launch.generation, launch.why, *launch.machine,
            attempt ? fmt::format(", {} {} in {}", on_demand ? "an on-demand" : "a spot",
                                  attempt->pool.instance_type, attempt->pool.subnet_id)
                    : "");
        if (auto why = explain_on_demand(record_, launch); !why.empty()) {
            why.front() = 'I';
            add("{}.", why);
        }
    }

    bool is_superseded(const Launch& launch) const {
        return std::ranges::any_of(record_.launches, [&](const Launch& other) {
            return other.generation > launch.generation && served_since(record_, other) && is_alive(other);
        });
    }

    /// Why the machine will go, or might.
    void tell_trouble(const Launch& launch) {
        const auto& machine = *launch.machine;
        if (is_superseded(launch) && !launch.notice) {
            add("Machine {} is ended when no resolver holds its address any more.", machine);
            return;
        }
        if (const auto& notice = launch.notice) {
            add("AWS will {} machine {} at {}, {}.", notice->action, machine, at(notice->terminate_by),
                from_now(notice->terminate_by, now_));
        }
        if (const auto& demand = launch.demand) {
            add("Machine {} is to be replaced since {}: {}.{}", machine, at(demand->at), demand->text,
                demand->waits_for.empty() ? "" : " That waits " + demand->waits_for + ".");
            return;
        }
        if (launch.rebalance && !launch.notice) {
            add("AWS recommended at {} to replace machine {}; the spec says to note it.",
                at(*launch.rebalance), machine);
        }
        if (const auto& planned = launch.maintenance) {
            add("AWS has planned {} for machine {}{}.", planned->code, machine,
                planned->begins ? " at " + at(*planned->begins) : "");
        }
        if (launch.impaired) {
            add("EC2's status checks of machine {} fail since {}.", machine, at(*launch.impaired));
        }
        if (launch.unwell) {
            add("The probe of machine {} fails since {}; it is replaced when that lasts {}.", machine,
                at(*launch.unwell), base::format_duration(record_.spec.readiness.patience));
        }
    }

    void tell_dns() {
        for (const Side side : {Side::private_, Side::public_}) {
            const auto& name = record_.dns_name(side);
            const auto& published = record_.dns(side).published;
            if (name && published) {
                add("{} points at {} of launch {} since {}, {}.", name->name, published->address,
                    published->generation, at(published->accepted.value_or(published->sent)),
                    published->in_sync ? "on all servers of Route 53"
                                       : "and not all servers of Route 53 have it yet");
            } else if (name && !record_.retirement) {
                add("{} points at no machine of ours yet.", name->name);
            }
        }
    }

    /// What was tried since the name is on its way.
    void tell_search(const Move& move) {
        if (!move.to) {
            add("No successor was asked for yet.");
            return;
        }
        const auto refused = std::ranges::count_if(
            move.to->attempts, [](const auto& attempt) { return attempt.closed.has_value(); });
        if (refused > 0) {
            add("{} call{} for a machine brought none since {}.", refused, refused == 1 ? "" : "s",
                at(move.to->started));
        }
        const auto* attempt = newest_attempt(*move.to);
        if (attempt && !attempt->closed && !move.to->machine) {
            add("A {} {} in {} is asked for since {}{}.",
                attempt->pool.market == Market::spot ? "spot" : "on-demand", attempt->pool.instance_type,
                attempt->pool.subnet_id, at(attempt->sent.value_or(attempt->chosen)),
                attempt->status.empty() ? "" : ": " + explain(*attempt, attempt->status));
        }
        if (move.from && move.from->lost) {
            add("The name has no machine since {}, for {} so far.", at(*move.from->lost),
                spell(now_ - *move.from->lost));
        }
    }

    const Record& record_;
    Time now_;
    std::vector<std::string> sentences_;
};

std::string tell_move(const Record& record, const Move& move) {
    auto text = fmt::format(
        "\n{} {}: {}\n", record.name(),
        move.arrived ? fmt::format("{} to launch {}", move.from ? "moved" : "came", move.to->generation)
                     : "is to move",
        move.why);
    for (const auto& moment : move.moments) {
        const auto after = moment.at - move.begun;
        text += fmt::format("  {}  {:>12}  {}\n", at(moment.at), after.count() > 0 ? "+" + spell(after) : "",
                            moment.text);
    }
    if (move.downtime) {
        text +=
            fmt::format("  {:.1f} s of downtime{}\n", std::chrono::duration<double>(*move.downtime).count(),
                        move.bridged ? " at most: an older machine may have served meanwhile" : "");
    }
    return text;
}

}  // namespace

Explanation explain(const Record& record, Time now) {
    Explanation explanation;
    explanation.status = status_of(record);
    explanation.moves = moves_of(record);
    explanation.account = Account(record, now).tell(explanation.status, explanation.moves);
    std::ranges::reverse(explanation.moves);
    return explanation;
}

std::string told(const Record& record, const Explanation& explanation) {
    std::string text;
    for (const auto& sentence : explanation.account) {
        text += sentence + "\n";
    }
    for (std::size_t i = 0; i < std::min(moves_told, explanation.moves.size()); ++i) {
        text += tell_move(record, explanation.moves[i]);
    }
    return text;
}

}  // namespace fleet
