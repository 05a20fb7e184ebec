#include "sim/faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sim {

namespace {

using enum FaultKind;

constexpr std::string_view error_prefix = "error:";
constexpr base::Duration usual_delay = std::chrono::seconds{1};

constexpr auto names = std::to_array<std::pair<std::string_view, FaultKind>>({
    {"throttle", throttle},
    {"unavailable", unavailable},
    {"expired_credentials", expired_credentials},
    {"access_denied", access_denied},
    {"reset_before", reset_before},
    {"delay", delay},
    {"reset_after", reset_after},
    {"cut", cut},
    {"oversized", oversized},
    {"html", html},
    {"close", close},
    {"stale", stale},
    {"pending", pending},
    {"duplicate", duplicate},
    {"drop", drop},
    {"reorder", reorder},
    {"short_batch", short_batch},
});

std::optional<Strike> read_fault(const std::string& text) {
    if (text.starts_with(error_prefix) && text.size() > error_prefix.size()) {
        return Strike{.kind = error, .code = text.substr(error_prefix.size())};
    }
    const auto* const found = std::ranges::find(names, text, &std::pair<std::string_view, FaultKind>::first);
    if (found == names.end()) {
        return std::nullopt;
    }
    return Strike{.kind = found->second, .code = {}};
}

std::string known_faults() {
    std::string all;
    for (const auto& [name, kind] : names) {
        all += std::string(name) + ", ";
    }
    return all + "error:CODE, everything";
}

bool means(std::string_view pattern, std::string_view text) {
    return pattern == "*" || pattern == text;
}

}  // namespace

std::string_view name_of(FaultKind kind) {
    const auto* const found = std::ranges::find(names, kind, &std::pair<std::string_view, FaultKind>::second);
    return found == names.end() ? "error" : found->first;
}

void Faults::seed(std::uint64_t seed) {
    random_.seed(seed);
}

base::Result<void> Faults::add(FaultRule rule) {
    if (!(rule.probability >= 0 && rule.probability <= 1)) {
        return base::fail("probability must be from 0 to 1");
    }
    if (rule.fault == "everything") {
        for (auto& one : unkind(rule.probability)) {
            one.count = rule.count;
            one.for_ = rule.for_;
            if (auto added = add(std::move(one)); !added) {
                return added;
            }
        }
        return {};
    }
    auto strike = read_fault(rule.fault);
    if (!strike) {
        return base::fail("fault must be one of " + known_faults() + "; not '" + rule.fault + "'");
    }
    strike->by = rule.by.value_or(usual_delay);
    const auto until = rule.for_ ? std::optional(timeline_.now() + *rule.for_) : std::nullopt;
    rules_.push_back({.given = std::move(rule), .strike = std::move(*strike), .until = until});
    return {};
}

std::vector<FaultRule> Faults::rules() const {
    std::vector<FaultRule> given;
    for (const auto& rule : rules_) {
        given.push_back(rule.given);
    }
    return given;
}

bool Faults::any(FaultKind kind) const {
    return std::ranges::any_of(rules_,
                               [&](const Rule& rule) { return rule.strike.kind == kind && in_force(rule); });
}

std::optional<Strike> Faults::strike(std::string_view service, std::string_view operation,
                                     std::initializer_list<FaultKind> kinds) {
    for (auto& rule : rules_) {
        auto& given = rule.given;
        if (std::ranges::find(kinds, rule.strike.kind) == kinds.end() || !means(given.service, service) ||
            !means(given.operation, operation) || !in_force(rule)) {
            continue;
        }
        // The same on every platform, which the library's distributions are not.
        const auto lot = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
        if (lot < given.probability) {
            ++given.struck;
            return rule.strike;
        }
    }
    return std::nullopt;
}

std::size_t Faults::draw(std::size_t bound) {
    return bound == 0 ? 0 : random_() % bound;
}

bool Faults::in_force(const Rule& rule) const {
    return (!rule.until || timeline_.now() < *rule.until) &&
           (!rule.given.count || rule.given.struck < *rule.given.count);
}

std::vector<FaultRule> unkind(double probability) {
    const auto rule = [&](std::string service, std::string operation, std::string fault, double share,
                          std::optional<base::Duration> by = std::nullopt) {
        FaultRule made;
        made.service = std::move(service);
        made.operation = std::move(operation);
        made.fault = std::move(fault);
        made.probability = probability * share;
        made.by = by;
        return made;
    };
    using std::chrono::milliseconds;
    return {
        rule("*", "*", "throttle", 0.2),
        rule("*", "*", "unavailable", 0.1),
        rule("*", "*", "reset_before", 0.1),
        rule("*", "*", "reset_after", 0.15),
        rule("*", "*", "cut", 0.1),
        rule("*", "*", "html", 0.1),
        rule("*", "*", "delay", 0.1, milliseconds{500}),
        rule("*", "*", "close", 0.1),
        rule("*", "*", "oversized", 0.01),
        rule("*", "*", "expired_credentials", 0.04),
        rule("ec2", "*", "stale", 0.5, milliseconds{1000}),
        rule("route53", "ChangeResourceRecordSets", "pending", 0.5, milliseconds{2000}),
        rule("events", "*", "duplicate", 0.4),
        rule("events", "*", "delay", 0.4, milliseconds{2000}),
        rule("events", "*", "drop", 0.2),
        rule("sqs", "ReceiveMessage", "reorder", 0.4),
        rule("sqs", "ReceiveMessage", "short_batch", 0.4),
        rule("sqs", "ReceiveMessage", "duplicate", 0.2),
    };
}

}  // namespace sim
