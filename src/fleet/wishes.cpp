#include <algorithm>
#include <ranges>

#include "fleet/images_plan.hpp"
#include "fleet/learner.hpp"
#include "fleet/pending.hpp"

/// What users ask for a name that goes on.
namespace fleet {

/// It replaces a demand that can wait longer. While a successor is on its way there is nothing to ask for.
void Learner::demand(Reason reason, const std::string& text) {
    if (std::ranges::any_of(record_.launches, is_incoming)) {
        return;
    }
    for (auto& launch : std::views::reverse(record_.launches)) {
        if (launch.ready && is_under_way(launch) && !launch.abandoned && !launch.let_go) {
            launch.demand = Demand{reason, at_, text, {}};
            note("to_be_replaced", text, &launch);
            return;
        }
    }
}

void Learner::operator()(const ReplacementAsked& /*fact*/) {
    demand(Reason::asked, "its user asked for another machine");
}

void Learner::operator()(const PauseAsked& /*fact*/) {
    record_.intent_asked = at_;
    if (record_.intent == Intent::running) {
        record_.intent = Intent::paused;
        note("paused", record_.name() + " is paused by its user");
        // What waited has another purpose now.
        record_.retries.clear();
    }
}

void Learner::operator()(const ResumeAsked& /*fact*/) {
    record_.intent_asked = at_;
    if (record_.intent == Intent::paused) {
        record_.intent = Intent::running;
        note("resumed", record_.name() + " is resumed by its user");
        newest_that_counts(record_)->demand = Demand{Reason::resumed, at_, "resumed by its user", {}};
        record_.retries.clear();
    }
}

void Learner::operator()(const SpecChanged& fact) {
    record_.spec_asked = at_;
    if (record_.spec.image.schedule != fact.spec.image.schedule) {
        record_.imaging.counted_from = at_;
    }
    if (record_.spec != fact.spec) {
        const auto& before = record_.spec.readiness;
        const auto& after = fact.spec.readiness;
        if (before.http != after.http || before.tcp != after.tcp) {
            // What the earlier probe said is nobody's to take back.
            for (auto& launch : record_.launches) {
                launch.unwell.reset();
            }
        }
        const bool another_image = record_.spec.image_id != fact.spec.image_id;
        record_.spec = fact.spec;
        ++record_.spec_revision;
        if (another_image) {
            // Also one that was named before: the next machine is to boot from it.
            put_registered(record_, now_);
        }
        // What was wrong may be right now.
        std::erase_if(record_.retries, [&](const auto& retry) {
            return retry.first == template_key ||
                   std::ranges::any_of(record_.launches, [&](const Launch& launch) {
                       return retry.first == relaunch_key(launch.generation);
                   });
        });
        note("spec_changed",
             record_.name() + " has another spec, revision " + std::to_string(record_.spec_revision));
    }
    if (!fact.replace) {
        return;
    }
    for (auto& launch : record_.launches) {
        const auto* attempt = newest_attempt(launch);
        const bool is_older = attempt && attempt->spec_revision != record_.spec_revision;
        // What was sent may give a machine all the same.
        const bool has_machine = launch.machine || (attempt && attempt->sent && !attempt->closed);
        if (has_machine && is_older && is_under_way(launch) && !launch.abandoned && !launch.let_go) {
            launch.demand = Demand{Reason::spec_changed, at_, "its spec has changed", {}};
            note("to_be_replaced",
                 (launch.machine ? "machine " + *launch.machine
                                 : "launch " + std::to_string(launch.generation)) +
                     ": its spec has changed",
                 &launch);
        }
    }
}

}  // namespace fleet
