#include "fleet/learn.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "fleet/learner.hpp"
#include "fleet/pending.hpp"
#include "fleet/plan.hpp"

namespace fleet {
namespace {

/// Reasons come from AWS too; a record stays small.
constexpr std::size_t reason_bytes_max = 500;

}  // namespace

void learn(Step& step, const Fact& fact, const FleetView& view, Time now, const Policy& policy) {
    std::visit(Learner(step, fact.at, view, now, policy), fact.body);
}

void keep_earliest(std::optional<Time>& known, Time at) {
    known = known ? std::min(*known, at) : at;
}

void Learner::operator()(const ActionFailed& fact) {
    fail(fact.key, fact.reason);
}

void Learner::operator()(const NotYet& fact) {
    const bool change = fact.key.starts_with("change/");
    const bool announce = fact.key.ends_with("/announce");
    const bool image = fact.key.starts_with("image/");
    const bool probe = fact.key.find("/probe/") != std::string::npos;
    const auto wait = change     ? policy_.change_every
                      : announce ? policy_.image_announce_every
                      : image    ? policy_.image_every
                      : probe    ? policy_.probe_every
                                 : policy_.look_every;
    auto& retry = record_.retries[fact.key];
    retry = {.tries = retry.tries, .not_before = now_ + wait, .error = {}};
}

void Learner::note(std::string event, std::string text, const Launch* launch) {
    fleet::note(step_, at_, std::move(event), std::move(text), launch);
}

void Learner::fail(const std::string& key, std::string_view reason) {
    auto& retry = record_.retries[key];
    ++retry.tries;
    retry.error = base::cut(reason, reason_bytes_max);
    const bool image = key.starts_with("image/");
    retry.not_before = now_ + backoff(record_.uid, key, retry.tries,
                                      image ? policy_.image_backoff_first : policy_.backoff_first,
                                      image ? policy_.image_backoff_max : policy_.backoff_max);
}

}  // namespace fleet
