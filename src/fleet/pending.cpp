#include "fleet/pending.hpp"

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "fleet/attempts.hpp"
#include "fleet/images.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"
#include "fleet/plan.hpp"
#include "fleet/retirement.hpp"
#include "fleet/urgency.hpp"

namespace fleet {
namespace {

bool is_same(const DnsWrite& write, const DnsWrite& wanted) {
    return write.generation == wanted.generation && write.address == wanted.address &&
           write.ttl == wanted.ttl;
}

/// Gathers the actions of one record.
class ToDo {
  public:
    ToDo(const Record& record, Time now, const Policy& policy)
        : record_(record), now_(now), policy_(policy), needed_by_(needed_by(record)) {}

    std::vector<Action> gather() {
        for (const auto* found : all_launches(record_)) {
            const auto& launch = *found;
            if (launch.machine && !launch.terminated) {
                look_after_machine(launch);
            }
            for (const auto& attempt : launch.attempts) {
                if (is_unsettled(launch, attempt)) {
                    if (auto action = look_after(record_, launch, attempt, now_, policy_)) {
                        add(std::move(*action));
                    }
                }
                if (attempt.surplus && !attempt.surplus_ended) {
                    add(ActionKind::terminate_machine, launch, "terminate", *attempt.surplus);
                }
            }
        }
        look_after_dns(Side::private_);
        look_after_dns(Side::public_);
        look_after_template();
        for (auto& action : image_actions(record_, now_, policy_)) {
            add(std::move(action));
        }
        return std::move(actions_);
    }

  private:
    /// One key, one action: both DNS names may wait for the same change.
    void add(Action action) {
        if (std::ranges::find(actions_, action.key, &Action::key) != actions_.end()) {
            return;
        }
        if (const auto retry = record_.retries.find(action.key); retry != record_.retries.end()) {
            action.not_before = std::max(action.not_before, retry->second.not_before);
        }
        // Images and their tests can wait for what serves.
        const bool of_test =
            std::ranges::find(record_.tests, action.generation, &Launch::generation) != record_.tests.end();
        action.needed_by = action.image > 0 || of_test ? std::nullopt : needed_by_;
        actions_.push_back(std::move(action));
    }

    void add(ActionKind kind, const Launch& launch, std::string_view what, const std::string& id,
             Time not_before = {}) {
        add({.kind = kind,
             .key = action_key(launch.generation, what, id),
             .generation = launch.generation,
             .id = id,
             .not_before = not_before});
    }

    void look_after_machine(const Launch& launch) {
        if (record_.retirement) {
            return part_with_machine(launch);
        }
        const auto& machine = *launch.machine;
        const bool given_up = launch.abandoned || launch.let_go;
        const bool to_end = given_up ? launch.ec2_state < Ec2State::shutting_down : is_done_with(launch);
        if (to_end && (launch.let_go || !may_be_in_dns(record_, launch))) {
            add(ActionKind::terminate_machine, launch, "terminate", machine);
        }
        if (wants_description(record_.spec, launch)) {
            add(ActionKind::describe_machine, launch, "describe", machine);
        }
        if (!is_alive(launch)) {
            return;
        }
        if (!launch.tagged) {
            add(ActionKind::tag_machine, launch, "tag", machine);
        }
        const auto& readiness = record_.spec.readiness;
        const bool reported = launch.report || !readiness.report;
        if ((readiness.http || readiness.tcp) && !launch.probed && reported &&
            has_addresses(record_.spec, launch)) {
            add(ActionKind::probe_machine, launch, "probe", machine);
        }
    }

    /// The user said so: once no record of ours points at it, nobody is waited for. Releasing has the key of
    /// tagging, so that neither overtakes the other.
    void part_with_machine(const Launch& launch) {
        const auto& machine = *launch.machine;
        if (launch.claim) {
            add(ActionKind::describe_machine, launch, "describe", machine);
        }
        if (may_stand(record_.dns_private) || may_stand(record_.dns_public)) {
            return;
        }
        if (is_kept(record_, launch)) {
            if (!launch.released) {
                add(ActionKind::release_machine, launch, "tag", machine);
            }
        } else if (launch.ec2_state < Ec2State::shutting_down) {
            add(ActionKind::terminate_machine, launch, "terminate", machine);
        }
    }

    /// A machine found stopped is ended once its successor is asked for.
    bool is_done_with(const Launch& launch) const {
        const bool successor = std::ranges::any_of(record_.launches, [&](const Launch& other) {
            return other.generation > launch.generation && !other.attempts.empty();
        });
        return launch.lost && launch.ec2_state == Ec2State::stopped && (successor || is_test(launch));
    }

    void look_after_dns(Side side) {
        const auto wanted = wanted_write(record_, side);
        const auto& dns = record_.dns(side);
        const std::string name = side == Side::private_ ? "private" : "public";
        if (record_.retirement) {
            if (may_stand(dns)) {
                // A write without an answer may still take effect.
                const auto when = dns.unanswered ? dns.unanswered->sent + policy_.visible_after : Time{};
                add({.kind = ActionKind::remove_dns,
                     .key = "publish/" + name,
                     .side = side,
                     .not_before = when});
            }
            return;
        }
        if (wanted && !dns.zone_id) {
            add({.kind = ActionKind::find_zone, .key = "zone/" + name, .side = side});
        } else if (is_to_be_written(record_, side)) {
            add({.kind = ActionKind::publish_dns,
                 .key = "publish/" + name,
                 .generation = wanted->generation,
                 .side = side});
        }
        if (dns.published && dns.published->change && !dns.published->in_sync) {
            add({.kind = ActionKind::follow_change,
                 .key = "change/" + *dns.published->change,
                 .generation = dns.published->generation,
                 .id = *dns.published->change,
                 .side = side});
        }
    }

    void look_after_template() {
        if (record_.retirement ? is_over_but_for_template(record_) : needs_template(record_)) {
            add({.kind = record_.retirement ? ActionKind::delete_template : ActionKind::make_template,
                 .key = template_key,
                 .id = record_.launch_template ? record_.launch_template->id : ""});
        }
    }

    const Record& record_;
    Time now_;
    const Policy& policy_;
    std::optional<Time> needed_by_;
    std::vector<Action> actions_;
};

}  // namespace

std::vector<Action> pending(const Record& record, Time now, const Policy& policy) {
    auto actions = ToDo(record, now, policy).gather();
    std::erase_if(actions, [&](const Action& action) { return action.not_before > now; });
    return actions;
}

std::optional<Time> deadline(const Record& record, Time now, const Policy& policy) {
    std::optional<Time> next = next_change(record, now, policy);
    for (const auto& action : ToDo(record, now, policy).gather()) {
        if (action.not_before > now) {
            next = std::min(next.value_or(Time::max()), action.not_before);
        }
    }
    return next;
}

Duration backoff(const std::string& uid, const std::string& key, int tries, Duration first, Duration max) {
    const int doublings = std::clamp(tries - 1, 0, 20);
    const Duration full = std::min(max, first * (std::int64_t{1} << doublings));
    const auto digest = base::sha256(uid + "/" + key + "/" + std::to_string(tries));
    const auto jitter = static_cast<std::int64_t>(digest[0]) * 256 + digest[1];
    return full / 2 + full * jitter / (2 * 65536);
}

std::optional<DnsWrite> wanted_write(const Record& record, Side side) {
    const auto& name = record.dns_name(side);
    const auto* launch = ready_launch(record);
    if (record.intent != Intent::running || !name || !launch || !address_of(*launch, side)) {
        return std::nullopt;
    }
    DnsWrite write;
    write.generation = launch->generation;
    write.address = *address_of(*launch, side);
    write.ttl = name->ttl;
    return write;
}

bool is_to_be_written(const Record& record, Side side) {
    const auto wanted = record.retirement ? std::nullopt : wanted_write(record, side);
    const auto& dns = record.dns(side);
    if (!wanted || !dns.zone_id) {
        return false;
    }
    const bool changed_by_others = dns.drift && dns.drift->mend;
    return dns.unanswered || !dns.published || !is_same(*dns.published, *wanted) || changed_by_others;
}

std::string action_key(int generation, std::string_view what, std::string_view id) {
    return std::to_string(generation) + "/" + std::string(what) + "/" + std::string(id);
}

std::string relaunch_key(int generation) {
    return std::to_string(generation) + "/relaunch";
}

}  // namespace fleet
