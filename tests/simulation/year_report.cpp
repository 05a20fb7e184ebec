#include "simulation/year_report.hpp"

#include <algorithm>

namespace simulation {
namespace {

struct Span {
    Time from;
    Time to;
};

using Spans = std::vector<Span>;

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

double hours(Duration duration) {
    return seconds(duration) / 3600;
}

Spans united(Spans spans) {
    std::ranges::sort(spans, {}, &Span::from);
    Spans result;
    for (const auto& span : spans) {
        if (span.from >= span.to) {
            continue;
        }
        if (result.empty() || span.from > result.back().to) {
            result.push_back(span);
        } else {
            result.back().to = std::max(result.back().to, span.to);
        }
    }
    return result;
}

/// The downtimes of one name, after each of its interruptions.
class NameYear {
  public:
    NameYear(const std::vector<ModelWrite>& writes, const std::map<std::string, const Life*>& lives, Time end)
        : writes_(writes), lives_(lives), end_(end) {}

    Time begin() const { return writes_.front().in_sync_from; }

    /// When the slowest of Route 53's servers, or with `held` any resolver, may give an address that does not
    /// answer.
    Spans down(bool held) const {
        Spans spans;
        for (std::size_t i = 0; i < writes_.size(); ++i) {
            const bool last = i + 1 == writes_.size();
            const auto& write = writes_[i];
            const Time from = held && i > 0 ? write.at : write.in_sync_from;
            const Time to = last ? end_ : writes_[i + 1].in_sync_from + (held ? write.ttl : Duration{0});
            const auto& life = *lives_.at(write.address);
            spans.push_back({from, std::min(to, life.answers.value_or(end_))});
            spans.push_back({std::max(from, life.gone.value_or(end_)), std::min(to, end_)});
        }
        return united(std::move(spans));
    }

    /// When AWS decided to take the machine that DNS pointed at.
    std::vector<Time> interruptions() const {
        std::vector<Time> times;
        for (std::size_t i = 0; i < writes_.size(); ++i) {
            const auto& taken = lives_.at(writes_[i].address)->taken;
            const Time until = i + 1 == writes_.size() ? end_ : writes_[i + 1].at;
            if (taken && *taken >= writes_[i].at && *taken < until) {
                times.push_back(*taken);
            }
        }
        return times;
    }

  private:
    const std::vector<ModelWrite>& writes_;
    const std::map<std::string, const Life*>& lives_;
    Time end_;
};

/// Seconds of `spans` that began after each time and before the next.
void add_downtimes(const std::vector<Time>& interruptions, const Spans& spans, std::vector<double>& into) {
    for (std::size_t i = 0; i < interruptions.size(); ++i) {
        const Time next = i + 1 == interruptions.size() ? Time::max() : interruptions[i + 1];
        double sum = 0;
        for (const auto& span : spans) {
            if (span.from >= interruptions[i] && span.from < next) {
                sum += seconds(span.to - span.from);
            }
        }
        into.push_back(sum);
    }
}

Downtime summary(std::vector<double> times) {
    if (times.empty()) {
        return {};
    }
    std::ranges::sort(times);
    double sum = 0;
    for (const double time : times) {
        sum += time;
    }
    const auto count = times.size();
    const auto at = [&](double part) {
        return times[std::min(count - 1, static_cast<std::size_t>(part * static_cast<double>(count)))];
    };
    return {.mean = sum / static_cast<double>(count), .p50 = at(0.5), .p99 = at(0.99)};
}

void add_cost(const std::vector<Life>& lives, const Prices& prices, Time end, Fared& fared) {
    double paid = 0;
    double on_demand = 0;
    for (const auto& life : lives) {
        const bool spot = life.pool.market == fleet::Market::spot;
        const double lived = hours(life.gone.value_or(end) - life.launched);
        (spot ? fared.spot_hours : fared.on_demand_hours) += lived;
        if (const auto price = prices.find(life.pool.instance_type); price != prices.end()) {
            paid += lived * (spot ? price->second.spot : price->second.on_demand);
            on_demand += lived * price->second.on_demand;
        }
    }
    // The same machines on demand would have been there once, and all the time.
    const double all_hours = fared.spot_hours + fared.on_demand_hours;
    if (on_demand > 0) {
        fared.cost = 100 * paid / (on_demand * fared.name_hours / all_hours);
    }
}

}  // namespace

Fared report(const World& world, const Prices& prices, Time end) {
    std::map<std::string, const Life*> lives;
    for (const auto& life : world.lives()) {
        lives[life.address] = &life;
    }
    Fared fared;
    std::vector<double> asked_anew;
    std::vector<double> held;
    double down_hours = 0;
    for (const auto& [key, writes] : world.dns.writes()) {
        const NameYear name(writes, lives, end);
        const auto interruptions = name.interruptions();
        fared.interruptions += interruptions.size();
        add_downtimes(interruptions, name.down(false), asked_anew);
        const auto spans = name.down(true);
        add_downtimes(interruptions, spans, held);
        for (const auto& span : spans) {
            down_hours += hours(span.to - span.from);
        }
        fared.name_hours += hours(end - name.begin());
    }
    fared.asked_anew = summary(std::move(asked_anew));
    fared.held = summary(std::move(held));
    fared.availability = 100 * (1 - down_hours / fared.name_hours);
    add_cost(world.lives(), prices, end, fared);
    return fared;
}

}  // namespace simulation
