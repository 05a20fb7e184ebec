#include <algorithm>

#include "fleet/launch.hpp"
#include "fleet/pools.hpp"
#include "manager/actions.hpp"
#include "manager/refusal.hpp"
#include "manager/translate.hpp"

/// The actions about an attempt and its spot request.
namespace manager {

namespace asio = boost::asio;

using aws::ErrorClass;

/// Whether the attempt may be sent, and this is durable: the record may have changed since the action was
/// derived from it.
asio::awaitable<bool> Actions::begin_sending(RecordPointer record, fleet::Action action) {
    const auto may = std::make_shared<bool>(false);
    const fleet::Fact sending{desk_.now(), fleet::AttemptSending{action.generation, action.attempt}};
    const auto done = co_await desk_.run([=](fleet::Reception& reception, fleet::Ledger& ledger) {
        reception.tell(record->name(), sending);
        const auto now = ledger.find(record->name());
        const auto* attempt = now && *now && (*now)->uid == record->uid
                                  ? fleet::find_attempt(**now, action.generation, action.attempt)
                                  : nullptr;
        *may = attempt && attempt->sent && !attempt->closed && !attempt->answered;
    });
    co_return done && *may;
}

asio::awaitable<ActionResult> Actions::request_spot(RecordPointer record, fleet::Action action) {
    const auto* attempt = fleet::find_attempt(*record, action.generation, action.attempt);
    if (!attempt) {
        co_return ActionResult{.reason = "the attempt is gone"};
    }
    if (!co_await begin_sending(record, action)) {
        co_return ActionResult{.reason = "it cannot be stored, or is not wanted any more"};
    }
    const auto answer = co_await ec2_.request_spot_instances(
        to_input(*record, action.generation, *attempt, desk_.store().id(), settings_), options_for(action));
    if (!answer && is_refusal(answer.error())) {
        const auto reason = refusal(answer.error(), attempt->pool.market, fleet::describe(attempt->pool));
        const bool no_capacity = answer.error().kind == ErrorClass::capacity;
        const fleet::Fact refused{desk_.now(),
                                  fleet::AttemptRefused{.generation = action.generation,
                                                        .attempt = action.attempt,
                                                        .no_capacity = no_capacity,
                                                        .reason = reason,
                                                        .no_image = is_without_image(answer.error())}};
        co_await desk_.tell(record->name(), refused);
        co_return ActionResult{.reason = reason};
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
    const auto* attempt = fleet::find_attempt(*record, action.generation, action.attempt);
    if (!attempt) {
        co_return ActionResult{.reason = "the attempt is gone"};
    }
    if (attempt->by == fleet::Asking::fleet) {
        co_return co_await look_up_fleet(record, action);
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

}  // namespace manager
