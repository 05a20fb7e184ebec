#include <algorithm>
#include <map>

#include "base/hash.hpp"
#include "fleet/launch.hpp"
#include "fleet/pools.hpp"
#include "manager/actions.hpp"
#include "manager/refusal.hpp"
#include "manager/translate.hpp"

/// The actions about an attempt that asks by an instant fleet, and about the launch template that fleets
/// need.
namespace manager {

namespace asio = boost::asio;

using aws::ErrorClass;

namespace {

constexpr const char* fleet_id_tag = "aws:ec2:fleet-id";

/// The pool among those asked that an answer names. EC2 leaves out what it takes for granted.
fleet::Pool asked_pool(const fleet::Attempt& attempt, const std::string& type, const std::string& subnet) {
    const auto found = std::ranges::find_if(attempt.pools, [&](const fleet::Pool& pool) {
        return (type.empty() || pool.instance_type == type) && (subnet.empty() || pool.subnet_id == subnet);
    });
    return found == attempt.pools.end() ? attempt.pool : *found;
}

/// A limit of the price is the registration's own: the pool is as good as before to others.
bool has_no_capacity(const aws::FleetError& failed) {
    return failed.error.kind == ErrorClass::capacity && failed.error.code != "SpotMaxPriceTooLow";
}

std::vector<fleet::Pool> pools_without_capacity(const fleet::Attempt& attempt,
                                                const std::vector<aws::FleetError>& errors) {
    std::vector<fleet::Pool> pools;
    for (const auto& failed : errors) {
        if (has_no_capacity(failed)) {
            pools.push_back(asked_pool(attempt, failed.instance_type, failed.subnet_id));
        }
    }
    return pools;
}

/// Each cause once, with the pools that it holds for.
std::string refusals(const fleet::Attempt& attempt, const std::vector<aws::FleetError>& errors) {
    if (errors.empty()) {
        return "EC2 has launched nothing and does not say why";
    }
    std::map<std::string, std::string> pools_by_code;
    for (const auto& failed : errors) {
        auto& pools = pools_by_code[failed.error.code];
        pools += (pools.empty() ? "" : ", ") +
                 fleet::describe(asked_pool(attempt, failed.instance_type, failed.subnet_id));
    }
    std::string text;
    for (const auto& [code, pools] : pools_by_code) {
        const auto first = std::ranges::find_if(errors, [&, wanted = code](const aws::FleetError& failed) {
            return failed.error.code == wanted;
        });
        text += (text.empty() ? "" : "; ") + refusal(first->error, attempt.pool.market, pools);
    }
    return text;
}

}  // namespace

asio::awaitable<ActionResult> Actions::create_fleet(RecordPointer record, fleet::Action action) {
    const auto* attempt = fleet::find_attempt(*record, action.generation, action.attempt);
    if (!attempt || !record->launch_template) {
        co_return ActionResult{.reason = "the attempt or its launch template is gone"};
    }
    if (!co_await begin_sending(record, action)) {
        co_return ActionResult{.reason = "it cannot be stored, or is not wanted any more"};
    }
    const auto answer = co_await ec2_.create_fleet(
        to_fleet_input(*record, action.generation, *attempt, desk_.store().id()), options_for(action));
    if (!answer && !is_refusal(answer.error())) {
        // It may have been taken: it is looked up before it is sent again.
        co_return co_await fail(record, action, aws::describe(answer.error()));
    }
    std::vector<fleet::Fact> facts;
    if (answer && !answer->instances.empty()) {
        for (const auto& machine : answer->instances) {
            facts.push_back({desk_.now(), fleet::FleetAnswered{
                                              action.generation, action.attempt, answer->fleet_id, machine.id,
                                              asked_pool(*attempt, machine.instance_type, machine.subnet_id),
                                              pools_without_capacity(*attempt, answer->errors)}});
        }
        co_return co_await succeed(record, std::move(facts));
    }
    const auto errors =
        answer
            ? answer->errors
            : std::vector<aws::FleetError>{{.instance_type = "", .subnet_id = "", .error = answer.error()}};
    fleet::AttemptRefused refused{
        action.generation, action.attempt, errors.empty(),
        answer ? refusals(*attempt, errors) : refusal(answer.error(), attempt->pool.market, "any pool")};
    if (answer) {
        refused.pools = pools_without_capacity(*attempt, errors);
        refused.no_capacity = refused.no_capacity || !refused.pools.empty();
    } else {
        refused.no_capacity = has_no_capacity(errors.front());
    }
    refused.no_image = std::ranges::any_of(
        errors, [](const aws::FleetError& failed) { return is_without_image(failed.error); });
    const auto reason = refused.reason;
    const bool not_found = std::ranges::any_of(
        errors, [](const aws::FleetError& failed) { return failed.error.kind == ErrorClass::not_found; });
    const bool version_gone = std::ranges::any_of(
        errors, [](const aws::FleetError& failed) { return failed.error.code.ends_with("VersionNotFound"); });
    if (version_gone || (not_found && co_await is_template_gone(record, action))) {
        facts.push_back({desk_.now(), fleet::TemplateGone{}});
    }
    facts.push_back({desk_.now(), std::move(refused)});
    co_await desk_.tell(record->name(), std::move(facts));
    co_return ActionResult{.reason = reason};
}

asio::awaitable<ActionResult> Actions::look_up_fleet(RecordPointer record, fleet::Action action) {
    const auto* attempt = fleet::find_attempt(*record, action.generation, action.attempt);
    std::vector<aws::Filter> filters;
    filters.push_back({.name = std::string("tag:") + tag_token, .values = {attempt->token}});
    const auto found = co_await ec2_.describe_instances(std::move(filters), options_for(action));
    if (!found) {
        co_return co_await fail(record, action, aws::describe(found.error()));
    }
    std::vector<fleet::Fact> facts;
    for (const auto& machine : *found) {
        const auto fleet = machine.tags.find(fleet_id_tag);
        facts.push_back({desk_.now(), fleet::FleetAnswered{action.generation, action.attempt,
                                                           fleet == machine.tags.end() ? "" : fleet->second,
                                                           machine.id, to_pool(machine)}});
        facts.push_back({desk_.now(), to_fact(machine)});
    }
    if (facts.empty()) {
        facts.push_back({desk_.now(), fleet::AttemptNotFound{action.generation, action.attempt}});
    }
    co_return co_await succeed(record, std::move(facts));
}

/// Whether EC2, asked for the name's launch template, does not know it. One that was made just now may not be
/// seen yet: it is made again then, and found.
asio::awaitable<bool> Actions::is_template_gone(RecordPointer record, fleet::Action action) {
    std::vector<aws::Filter> filters;
    filters.push_back(
        {.name = "launch-template-name", .values = {template_name(*record, desk_.store().id())}});
    const auto found = co_await ec2_.describe_launch_templates(std::move(filters), options_for(action));
    co_return found && found->empty();
}

asio::awaitable<ActionResult> Actions::make_template(RecordPointer record, fleet::Action action) {
    const auto store_id = desk_.store().id();
    fleet::LaunchTemplate made{.revision = record->spec_revision};
    std::int64_t versions_before = 0;
    if (record->launch_template) {
        made.id = record->launch_template->id;
    } else {
        aws::CreateLaunchTemplateInput input;
        input.name = template_name(*record, store_id);
        input.data = to_template_data(*record, store_id, settings_);
        input.tags = tags_of(*record, store_id);
        const auto answer = co_await ec2_.create_launch_template(std::move(input), options_for(action));
        if (answer) {
            made.id = answer->id;
            made.version = answer->latest_version;
        } else if (answer.error().kind == ErrorClass::conflict) {
            // It is ours: the answer that told of it was lost.
            std::vector<aws::Filter> filters;
            filters.push_back({.name = "launch-template-name", .values = {template_name(*record, store_id)}});
            const auto found =
                co_await ec2_.describe_launch_templates(std::move(filters), options_for(action));
            if (!found || found->empty()) {
                co_return co_await fail(record, action, "its launch template is made and not seen yet");
            }
            made.id = found->front().id;
            versions_before = found->front().latest_version;
        } else {
            co_return co_await fail(record, action, template_refusal(answer.error()));
        }
    }
    if (made.version == 0) {
        aws::CreateLaunchTemplateVersionInput input;
        input.template_id = made.id;
        input.data = to_template_data(*record, store_id, settings_);
        // The same contents are the same version, whenever they are asked for; but EC2 remembers also one
        // that a stranger has deleted.
        input.client_token = base::sha256_hex(aws::build_create_launch_template_version(input).request.body +
                                              std::to_string(versions_before));
        const auto version =
            co_await ec2_.create_launch_template_version(std::move(input), options_for(action));
        if (!version && version.error().kind == ErrorClass::not_found) {
            const fleet::Fact gone{desk_.now(), fleet::TemplateGone{}};
            co_await desk_.tell(record->name(), gone);
        }
        if (!version) {
            co_return co_await fail(record, action, template_refusal(version.error()));
        }
        made.version = *version;
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::TemplateMade{std::move(made)}});
    co_return co_await succeed(record, std::move(facts));
}

asio::awaitable<ActionResult> Actions::delete_template(RecordPointer record, fleet::Action action) {
    const auto answer =
        co_await ec2_.delete_launch_template(template_name(*record, desk_.store().id()), options_for(action));
    if (!answer && answer.error().kind != ErrorClass::not_found) {
        co_return co_await fail(record, action, template_refusal(answer.error()));
    }
    std::vector<fleet::Fact> facts;
    facts.push_back({desk_.now(), fleet::TemplateGone{}});
    co_return co_await succeed(record, std::move(facts));
}

}  // namespace manager
