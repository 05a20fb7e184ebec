#include <algorithm>

#include "fleet/launch.hpp"
#include "manager/actions.hpp"
#include "manager/translate.hpp"

/// The actions about a machine.
namespace manager {

namespace asio = boost::asio;

namespace {

const fleet::Launch* launch_of(const fleet::Record& record, int generation) {
    const auto all = fleet::all_launches(record);
    const auto found = std::ranges::find(all, generation, &fleet::Launch::generation);
    return found == all.end() ? nullptr : *found;
}

}  // namespace

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

/// The spot request carries our tag as well, and would be found by it.
asio::awaitable<ActionResult> Actions::release_machine(RecordPointer record, fleet::Action action) {
    const auto* launch = launch_of(*record, action.generation);
    const auto* attempt = launch ? fleet::newest_attempt(*launch) : nullptr;
    aws::CreateTagsInput input;
    input.resource_ids = {action.id};
    input.tags[tag_store] = tag_store_released;
    const auto of_machine = co_await ec2_.create_tags(input, options_for(action));
    if (!of_machine) {
        co_return co_await fail(record, action, aws::describe(of_machine.error()));
    }
    if (attempt && attempt->request) {
        input.resource_ids = {*attempt->request};
        auto options = options_for(action);
        options.has_turn_for = {};
        const auto of_request = co_await ec2_.create_tags(input, options);
        // EC2 forgets spot requests after a while.
        if (!of_request && of_request.error().kind != aws::ErrorClass::not_found) {
            co_return co_await fail(record, action, aws::describe(of_request.error()));
        }
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::Released{action.id}});
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
    const auto* launch = launch_of(*record, action.generation);
    if (!launch || launch->machine != action.id || !launch->tagged) {
        // The permission to end a machine may be bound to our tag. When this fails, the next call says why.
        aws::CreateTagsInput input;
        input.resource_ids = {action.id};
        input.tags = tags_of(*record, action.generation, desk_.store().id());
        co_await ec2_.create_tags(std::move(input), options_for(action));
    }
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

}  // namespace manager
