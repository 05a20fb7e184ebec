#include "fleet/launch.hpp"

#include <algorithm>
#include <array>
#include <boost/describe/enum_to_string.hpp>
#include <ranges>
#include <utility>

namespace fleet {
namespace {

template <class Range, class Predicate>
auto* find_where(Range& range, Predicate predicate) {
    const auto found = std::ranges::find_if(range, predicate);
    return found == range.end() ? nullptr : &*found;
}

template <class Predicate>
Launch* find_launch(Record& record, Predicate predicate) {
    auto* found = find_where(record.launches, predicate);
    return found ? found : find_where(record.tests, predicate);
}

/// EC2 may take its time with a machine that stops: it is not waited for.
bool is_going(const Launch& launch) {
    return launch.lost || launch.ec2_state >= Ec2State::stopping;
}

}  // namespace

bool is_alive(const Launch& launch) {
    return launch.machine && !launch.lost && !launch.abandoned && !launch.let_go && !launch.claim &&
           launch.ec2_state < Ec2State::stopping;
}

bool is_under_way(const Launch& launch) {
    return !launch.lost;
}

bool is_incoming(const Launch& launch) {
    return !launch.ready && !launch.notice && !launch.abandoned && !launch.let_go && !is_going(launch);
}

bool stays(const Launch& launch) {
    return launch.ready && !launch.notice && !launch.demand && !launch.abandoned && !launch.let_go &&
           !is_going(launch);
}

const Launch* newest_that_counts(const Record& record) {
    const auto found = std::ranges::find_if(std::views::reverse(record.launches), [](const Launch& launch) {
        return launch.reason != Reason::back_to_spot || launch.machine || !launch.lost;
    });
    return found == record.launches.rend() ? nullptr : &*found;
}

Launch* newest_that_counts(Record& record) {
    const auto* found = newest_that_counts(std::as_const(record));
    return found ? find_by_generation(record, found->generation) : nullptr;
}

bool is_voluntary(Reason reason) {
    switch (reason) {
        case Reason::rebalance:
        case Reason::scheduled_change:
        case Reason::impaired:
        case Reason::unwell:
        case Reason::asked:
        case Reason::spec_changed:
        case Reason::back_to_spot:
            return true;
        case Reason::registered:
        case Reason::lost:
        case Reason::notice:
        case Reason::not_ready:
        case Reason::resumed:
        case Reason::adopted:
        case Reason::image_test:
            return false;
    }
    return false;
}

bool is_unsettled(const Launch& launch, const Attempt& attempt) {
    const bool has_machine = launch.machine && attempt.number == launch.attempts.back().number;
    return !attempt.closed && !attempt.surplus && !has_machine;
}

const Attempt* newest_attempt(const Launch& launch) {
    return launch.attempts.empty() ? nullptr : &launch.attempts.back();
}

Attempt* newest_attempt(Launch& launch) {
    return launch.attempts.empty() ? nullptr : &launch.attempts.back();
}

std::vector<Launch*> all_launches(Record& record) {
    std::vector<Launch*> all;
    for (auto* launches : {&record.launches, &record.tests}) {
        for (auto& launch : *launches) {
            all.push_back(&launch);
        }
    }
    return all;
}

std::vector<const Launch*> all_launches(const Record& record) {
    std::vector<const Launch*> all;
    for (const auto* launches : {&record.launches, &record.tests}) {
        for (const auto& launch : *launches) {
            all.push_back(&launch);
        }
    }
    return all;
}

int next_generation(const Record& record) {
    int newest = 0;
    for (const auto* launch : all_launches(record)) {
        newest = std::max(newest, launch->generation);
    }
    return newest + 1;
}

Launch* find_by_generation(Record& record, int generation) {
    return find_launch(record, [&](const Launch& launch) { return launch.generation == generation; });
}

Launch* find_by_machine(Record& record, const std::string& machine) {
    return find_launch(record, [&](const Launch& launch) { return launch.machine == machine; });
}

Launch* find_by_request(Record& record, const std::string& request) {
    return find_launch(record,
                       [&](Launch& launch) { return find_attempt_by_request(launch, request) != nullptr; });
}

Attempt* find_attempt(Launch& launch, int number) {
    return find_where(launch.attempts, [&](const Attempt& attempt) { return attempt.number == number; });
}

const Attempt* find_attempt(const Record& record, int generation, int number) {
    for (const auto* launch : all_launches(record)) {
        if (launch->generation == generation) {
            return find_where(launch->attempts,
                              [&](const Attempt& attempt) { return attempt.number == number; });
        }
    }
    return nullptr;
}

Attempt* find_attempt_by_request(Launch& launch, const std::string& request) {
    return find_where(launch.attempts, [&](const Attempt& attempt) { return attempt.request == request; });
}

bool lacks_public_address(const Spec& spec, const Launch& launch) {
    const auto* attempt = newest_attempt(launch);
    return spec.public_ip && attempt && !attempt->public_ip && !launch.addresses.public_;
}

bool has_addresses(const Spec& spec, const Launch& launch) {
    return launch.ec2_state == Ec2State::running && launch.addresses.private_ &&
           (!spec.public_ip || launch.addresses.public_ || lacks_public_address(spec, launch));
}

bool wants_description(const Spec& spec, const Launch& launch) {
    const bool started = launch.ec2_state == Ec2State::running || launch.report;
    return launch.claim ||
           (is_alive(launch) && (!launch.described || (started && !has_addresses(spec, launch))));
}

std::optional<Time> ready_at(const Spec& spec, const Launch& launch, const Policy& policy) {
    if (!is_alive(launch) || launch.ec2_state != Ec2State::running || !launch.running) {
        return std::nullopt;
    }
    if (spec.readiness.report && !launch.report) {
        return std::nullopt;
    }
    if (spec.readiness.http || spec.readiness.tcp) {
        return launch.probed;
    }
    const auto since = launch.report ? std::max(launch.report->at, *launch.running) : *launch.running;
    const bool legacy = launch.report && launch.report->kind == ReportKind::legacy;
    return since + spec.readiness.settle.value_or(legacy ? policy.legacy_settle : Duration{0});
}

std::string ec2_word(Ec2State state) {
    std::string text = boost::describe::enum_to_string(state, "unknown");
    std::ranges::replace(text, '_', '-');
    return text;
}

const Launch* ready_launch(const Record& record) {
    const Launch* noticed = nullptr;
    for (const auto& launch : std::views::reverse(record.launches)) {
        if (launch.ready && is_alive(launch)) {
            if (!launch.notice) {
                return &launch;
            }
            noticed = noticed ? noticed : &launch;
        }
    }
    return noticed;
}

bool may_be_in_dns(const Record& record, const Launch& launch) {
    const auto points_at_it = [&](const std::optional<DnsWrite>& write) {
        return write && write->generation == launch.generation;
    };
    return std::ranges::any_of(std::array{Side::private_, Side::public_}, [&](Side side) {
        const auto& dns = record.dns(side);
        return points_at_it(dns.published) || points_at_it(dns.unanswered) ||
               std::ranges::any_of(dns.superseded, points_at_it);
    });
}

const std::optional<std::string>& address_of(const Launch& launch, Side side) {
    return side == Side::private_ ? launch.addresses.private_ : launch.addresses.public_;
}

}  // namespace fleet
