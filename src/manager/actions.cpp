#include "manager/actions.hpp"

#include <algorithm>

#include "fleet/launch.hpp"
#include "manager/translate.hpp"
#include "manager/zones.hpp"

namespace manager {

namespace asio = boost::asio;

namespace {

using aws::ErrorClass;

/// EC2 has looked at the request and will not carry it out, now or later; anything else may have been taken.
bool is_refusal(const aws::Error& error) {
    switch (error.kind) {
        case ErrorClass::permission:
        case ErrorClass::not_found:
        case ErrorClass::capacity:
        case ErrorClass::quota:
        case ErrorClass::invalid:
            return !error.outcome_unknown;
        default:
            return false;
    }
}

const fleet::Attempt* attempt_of(const fleet::Record& record, const fleet::Action& action) {
    for (const auto& launch : record.launches) {
        if (launch.generation == action.generation) {
            const auto found = std::ranges::find(launch.attempts, action.attempt, &fleet::Attempt::number);
            return found == launch.attempts.end() ? nullptr : &*found;
        }
    }
    return nullptr;
}

const fleet::Launch* launch_of(const fleet::Record& record, int generation) {
    const auto found = std::ranges::find(record.launches, generation, &fleet::Launch::generation);
    return found == record.launches.end() ? nullptr : &*found;
}

}  // namespace

Actions::Actions(Desk& desk, aws::Ec2& ec2, aws::Route53& route53, DnsPublisher& publisher, Probe probe,
                 const Settings& settings)
    : desk_(desk),
      ec2_(ec2),
      route53_(route53),
      publisher_(publisher),
      probe_(std::move(probe)),
      settings_(settings) {}

asio::awaitable<ActionResult> Actions::perform(RecordPointer record, fleet::Action action) {
    switch (action.kind) {
        case fleet::ActionKind::request_spot:
            return request_spot(std::move(record), std::move(action));
        case fleet::ActionKind::look_up_attempt:
            return look_up_attempt(std::move(record), std::move(action));
        case fleet::ActionKind::cancel_request:
            return cancel_request(std::move(record), std::move(action));
        case fleet::ActionKind::describe_request:
            return describe_request(std::move(record), std::move(action));
        case fleet::ActionKind::tag_machine:
            return tag_machine(std::move(record), std::move(action));
        case fleet::ActionKind::describe_machine:
            return describe_machine(std::move(record), std::move(action));
        case fleet::ActionKind::terminate_machine:
            return terminate_machine(std::move(record), std::move(action));
        case fleet::ActionKind::probe_machine:
            return probe_machine(std::move(record), std::move(action));
        case fleet::ActionKind::find_zone:
            return find_zone(std::move(record), std::move(action));
        case fleet::ActionKind::publish_dns:
            return publish_dns(std::move(record), std::move(action));
        case fleet::ActionKind::follow_change:
            break;
    }
    return follow_change(std::move(record), std::move(action));
}

asio::awaitable<ActionResult> Actions::request_spot(RecordPointer record, fleet::Action action) {
    const auto* attempt = attempt_of(*record, action);
    if (!attempt) {
        co_return ActionResult{.reason = "the attempt is gone"};
    }
    const fleet::Fact sending{desk_.now(), fleet::AttemptSending{action.generation, action.attempt}};
    if (!co_await desk_.tell(record->name(), sending)) {
        co_return ActionResult{.reason = "the store cannot be written"};
    }
    const auto answer = co_await ec2_.request_spot_instances(
        to_input(*record, action.generation, *attempt, desk_.store().id(), settings_), options_for(action));
    if (!answer && is_refusal(answer.error())) {
        const auto reason = aws::describe(answer.error());
        const bool no_capacity = answer.error().kind == ErrorClass::capacity;
        const fleet::Fact refused{
            desk_.now(), fleet::AttemptRefused{action.generation, action.attempt, no_capacity, reason}};
        const bool committed = co_await desk_.tell(record->name(), refused);
        co_return ActionResult{.committed = committed, .reason = reason};
    }
    if (!answer || answer->requests.size() != 1) {
        // It may have been taken: it is looked up before it is sent again.
        const auto reason = answer ? "EC2 answered with no spot request" : aws::describe(answer.error());
        co_return co_await fail(record, action, reason);
    }
    const auto& request = answer->requests.front();
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::AttemptAnswered{action.generation, action.attempt, request.id}});
    facts.push_back({desk_.now(), to_fact(request)});
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::look_up_attempt(RecordPointer record, fleet::Action action) {
    const auto* attempt = attempt_of(*record, action);
    if (!attempt) {
        co_return ActionResult{.reason = "the attempt is gone"};
    }
    std::vector<aws::Filter> filters;
    filters.push_back({.name = std::string("tag:") + tag_token, .values = {attempt->token}});
    const auto found = co_await ec2_.describe_spot_instance_requests(std::move(filters), options_for(action));
    if (!found) {
        co_return co_await fail(record, action, aws::describe(found.error()));
    }
    std::vector<fleet::Fact> facts;
    if (found->empty()) {
        facts.push_back({desk_.now(), fleet::AttemptNotFound{action.generation, action.attempt}});
    } else {
        const auto& request = found->front();
        facts.push_back({desk_.now(), fleet::AttemptAnswered{action.generation, action.attempt, request.id}});
        facts.push_back({desk_.now(), to_fact(request)});
    }
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::cancel_request(RecordPointer record, fleet::Action action) {
    const fleet::Fact sending{desk_.now(), fleet::CancelSending{action.id}};
    if (!co_await desk_.tell(record->name(), sending)) {
        co_return ActionResult{.reason = "the store cannot be written"};
    }
    std::vector<std::string> ids{action.id};
    const auto answer = co_await ec2_.cancel_spot_instance_requests(std::move(ids), options_for(action));
    if (!answer && answer.error().kind == ErrorClass::not_found) {
        const fleet::Fact absent{desk_.now(), fleet::RequestAbsent{action.id}};
        if (!co_await desk_.tell(record->name(), absent)) {
            co_return ActionResult{.reason = "the store cannot be written"};
        }
    }
    if (!answer) {
        co_return co_await fail(record, action, aws::describe(answer.error()));
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::CancelAnswered{action.id}});
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::describe_request(RecordPointer record, fleet::Action action) {
    std::vector<std::string> ids{action.id};
    const auto found =
        co_await ec2_.describe_spot_instance_requests_by_id(std::move(ids), options_for(action));
    if (!found) {
        co_return co_await fail(record, action, aws::describe(found.error()));
    }
    std::vector<fleet::Fact> facts;
    if (found->empty()) {
        facts.push_back({desk_.now(), fleet::NotYet{action.key}});
        facts.push_back({desk_.now(), fleet::RequestAbsent{action.id}});
    } else {
        facts.push_back({desk_.now(), to_fact(found->front())});
    }
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::tag_machine(RecordPointer record, fleet::Action action) {
    aws::CreateTagsInput input;
    input.resource_ids = {action.id};
    input.tags = tags_of(*record, action.generation, desk_.store().id());
    const auto done = co_await ec2_.create_tags(std::move(input), options_for(action));
    if (!done) {
        co_return co_await fail(record, action, aws::describe(done.error()));
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::MachineTagged{action.id}});
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::describe_machine(RecordPointer record, fleet::Action action) {
    std::vector<std::string> ids{action.id};
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_instances_by_id(std::move(ids), options_for(action));
    if (!found) {
        co_return co_await fail(record, action, aws::describe(found.error()));
    }
    std::vector<fleet::Fact> facts;
    if (found->empty()) {
        facts.push_back({asked, fleet::NotYet{action.key}});
    } else {
        facts.push_back({asked, to_fact(found->front())});
    }
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::terminate_machine(RecordPointer record, fleet::Action action) {
    std::vector<std::string> ids{action.id};
    const auto answer = co_await ec2_.terminate_instances(std::move(ids), options_for(action));
    if (!answer) {
        co_return co_await fail(record, action, aws::describe(answer.error()));
    }
    if (!answer->failed.empty()) {
        co_return co_await fail(record, action, aws::describe(answer->failed.begin()->second));
    }
    std::vector<fleet::Fact> facts;
    for (const auto& change : answer->terminating) {
        facts.push_back({desk_.now(), fleet::StateChanged{change.id, to_fleet(change.current)}});
    }
    // Until EC2 says that it is over, it is asked again.
    facts.push_back({desk_.now(), fleet::NotYet{action.key}});
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::probe_machine(RecordPointer record, fleet::Action action) {
    const auto* launch = launch_of(*record, action.generation);
    if (!launch || !launch->addresses.private_) {
        co_return ActionResult{.reason = "the machine has no address"};
    }
    const auto passed = co_await probe_(*launch->addresses.private_, record->spec.readiness);
    std::vector<fleet::Fact> facts;
    if (passed) {
        facts.push_back({desk_.now(), fleet::ProbePassed{action.id}});
    } else {
        facts.push_back({desk_.now(), fleet::NotYet{action.key}});
    }
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::find_zone(RecordPointer record, fleet::Action action) {
    const auto name = record->dns_name(action.side).value_or(fleet::DnsName{}).name;
    const auto zone =
        co_await find_hosted_zone(&route53_, name, action.side == fleet::Side::private_, options_for(action));
    if (!zone) {
        co_return co_await fail(record, action, zone.error().message);
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::ZoneFound{action.side, *zone}});
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::publish_dns(RecordPointer record, fleet::Action action) {
    const auto& zone = record->dns(action.side).zone_id;
    if (!zone) {
        co_return ActionResult{.reason = "the zone is not known"};
    }
    const auto published = co_await publisher_.publish(*zone, record->name(), action.side);
    co_return ActionResult{
        .succeeded = published.accepted, .committed = published.committed, .reason = published.reason};
}

asio::awaitable<ActionResult> Actions::follow_change(RecordPointer record, fleet::Action action) {
    const auto change = co_await route53_.get_change(action.id, options_for(action));
    // A change that Route 53 no longer knows was made long ago.
    const bool forgotten = !change && change.error().kind == ErrorClass::not_found;
    if (!change && !forgotten) {
        co_return co_await fail(record, action, aws::describe(change.error()));
    }
    std::vector<fleet::Fact> facts;
    if (forgotten || change->status == aws::ChangeStatus::insync) {
        facts.push_back({desk_.now(), fleet::ChangeInSync{action.id}});
    } else {
        facts.push_back({desk_.now(), fleet::NotYet{action.key}});
    }
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::succeed(RecordPointer record, std::vector<fleet::Fact> facts) {
    const bool committed = co_await desk_.tell(record->name(), std::move(facts));
    co_return ActionResult{.succeeded = committed, .committed = committed};
}

asio::awaitable<ActionResult> Actions::fail(RecordPointer record, fleet::Action action, std::string reason) {
    const fleet::Fact failed{desk_.now(), fleet::ActionFailed{action.key, reason}};
    const bool committed = co_await desk_.tell(record->name(), failed);
    co_return ActionResult{.committed = committed, .reason = std::move(reason)};
}

aws::CallOptions Actions::options_for(const fleet::Action& action) const {
    const auto priority =
        action.terminate_by ? action.terminate_by->time_since_epoch().count() : aws::priority_normal;
    return {.priority = priority, .deadline = aws::Deadline::in(settings_.call_timeout)};
}

}  // namespace manager
