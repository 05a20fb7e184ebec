#include "manager/actions.hpp"

#include <algorithm>

namespace manager {

namespace asio = boost::asio;

Actions::Actions(Desk& desk, aws::Ec2& ec2, aws::Route53& route53, DnsPublisher& publisher, Probe probe,
                 Publish publish, const Settings& settings)
    : desk_(desk),
      ec2_(ec2),
      zones_(route53, desk.clock()),
      publisher_(publisher),
      probe_(std::move(probe)),
      publish_(std::move(publish)),
      changes_(route53),
      settings_(settings) {}

namespace {

/// The operation of EC2 that the action is one call of; empty for what is asked together with others, or not
/// of EC2.
std::string_view operation_of(const fleet::Action& action) {
    switch (action.kind) {
        case fleet::ActionKind::request_spot:
            return "RequestSpotInstances";
        case fleet::ActionKind::create_fleet:
            return "CreateFleet";
        case fleet::ActionKind::delete_template:
            return "DeleteLaunchTemplate";
        case fleet::ActionKind::look_up_attempt:
        case fleet::ActionKind::describe_request:
            return "DescribeSpotInstanceRequests";
        case fleet::ActionKind::cancel_request:
            return "CancelSpotInstanceRequests";
        case fleet::ActionKind::tag_machine:
        case fleet::ActionKind::release_machine:
            return "CreateTags";
        case fleet::ActionKind::describe_machine:
            return "DescribeInstances";
        case fleet::ActionKind::terminate_machine:
            return "TerminateInstances";
        case fleet::ActionKind::create_image:
            return "CreateImage";
        case fleet::ActionKind::follow_image:
            return "DescribeImages";
        case fleet::ActionKind::deregister_image:
            return "DeregisterImage";
        case fleet::ActionKind::delete_snapshot:
            return "DeleteSnapshot";
        case fleet::ActionKind::make_template:
            return action.id.empty() ? "CreateLaunchTemplate" : "CreateLaunchTemplateVersion";
        case fleet::ActionKind::announce_image:
        case fleet::ActionKind::probe_machine:
        case fleet::ActionKind::find_zone:
        case fleet::ActionKind::publish_dns:
        case fleet::ActionKind::remove_dns:
        case fleet::ActionKind::follow_change:
            return {};
    }
    return {};
}

aws::Priority priority_of(const fleet::Action& action) {
    return action.needed_by ? action.needed_by->time_since_epoch().count() : aws::priority_normal;
}

}  // namespace

asio::awaitable<void> Actions::turn(fleet::Action action) {
    if (const auto operation = operation_of(action); !operation.empty()) {
        co_await ec2_.turn(std::string(operation), priority_of(action));
    }
}

fleet::Paces Actions::paces() const {
    fleet::Paces paces;
    for (const auto& [by, kind] : {std::pair{fleet::Asking::request, fleet::ActionKind::request_spot},
                                   {fleet::Asking::fleet, fleet::ActionKind::create_fleet}}) {
        if (const auto rate = ec2_.pace(operation_of({.kind = kind}))) {
            paces[by] = {.at_once = rate->burst, .per_second = rate->per_second};
        }
    }
    return paces;
}

asio::awaitable<ActionResult> Actions::perform(RecordPointer record, fleet::Action action) {
    switch (action.kind) {
        case fleet::ActionKind::request_spot:
            return request_spot(std::move(record), std::move(action));
        case fleet::ActionKind::create_fleet:
            return create_fleet(std::move(record), std::move(action));
        case fleet::ActionKind::make_template:
            return make_template(std::move(record), std::move(action));
        case fleet::ActionKind::delete_template:
            return delete_template(std::move(record), std::move(action));
        case fleet::ActionKind::look_up_attempt:
            return look_up_attempt(std::move(record), std::move(action));
        case fleet::ActionKind::cancel_request:
            return cancel_request(std::move(record), std::move(action));
        case fleet::ActionKind::describe_request:
            return describe_request(std::move(record), std::move(action));
        case fleet::ActionKind::tag_machine:
            return tag_machine(std::move(record), std::move(action));
        case fleet::ActionKind::release_machine:
            return release_machine(std::move(record), std::move(action));
        case fleet::ActionKind::describe_machine:
            return describe_machine(std::move(record), std::move(action));
        case fleet::ActionKind::terminate_machine:
            return terminate_machine(std::move(record), std::move(action));
        case fleet::ActionKind::probe_machine:
            return probe_machine(std::move(record), std::move(action));
        case fleet::ActionKind::find_zone:
            return find_zone(std::move(record), std::move(action));
        case fleet::ActionKind::publish_dns:
        case fleet::ActionKind::remove_dns:
            return publish_dns(std::move(record), std::move(action));
        case fleet::ActionKind::create_image:
            return create_image(std::move(record), std::move(action));
        case fleet::ActionKind::follow_image:
            return follow_image(std::move(record), std::move(action));
        case fleet::ActionKind::announce_image:
            return announce_image(std::move(record), std::move(action));
        case fleet::ActionKind::deregister_image:
            return deregister_image(std::move(record), std::move(action));
        case fleet::ActionKind::delete_snapshot:
            return delete_snapshot(std::move(record), std::move(action));
        case fleet::ActionKind::follow_change:
            break;
    }
    return follow_change(std::move(record), std::move(action));
}

asio::awaitable<ActionResult> Actions::find_zone(RecordPointer record, fleet::Action action) {
    const auto name = record->dns_name(action.side).value_or(fleet::DnsName{}).name;
    const auto zone = co_await zones_.find(name, action.side == fleet::Side::private_, options_for(action));
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
    const auto published =
        co_await publisher_.publish(*zone, record->name(), action.side, options_for(action).priority);
    co_return ActionResult{.succeeded = published.accepted, .reason = published.reason};
}

asio::awaitable<ActionResult> Actions::follow_change(RecordPointer record, fleet::Action action) {
    const auto change =
        co_await changes_.look(action.id, {.priority = aws::priority_background,
                                           .deadline = aws::Deadline::in(settings_.call_timeout),
                                           .patient = true});
    // A change that Route 53 no longer knows was made long ago.
    const bool forgotten = !change && change.error().kind == aws::ErrorClass::not_found;
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
    const bool learned = !std::ranges::all_of(
        facts, [](const fleet::Fact& fact) { return std::holds_alternative<fleet::NotYet>(fact.body); });
    const bool committed = co_await desk_.tell(record->name(), std::move(facts));
    co_return ActionResult{
        .succeeded = committed, .learned = learned, .reason = committed ? "" : "the store cannot be written"};
}

asio::awaitable<ActionResult> Actions::fail(RecordPointer record, fleet::Action action, std::string reason) {
    const fleet::Fact failed{desk_.now(), fleet::ActionFailed{action.key, reason}};
    co_await desk_.tell(record->name(), failed);
    co_return ActionResult{.reason = std::move(reason)};
}

aws::CallOptions Actions::options_for(const fleet::Action& action) const {
    return {.priority = priority_of(action),
            .deadline = aws::Deadline::in(settings_.call_timeout),
            .patient = true,
            .has_turn_for = operation_of(action)};
}

}  // namespace manager
