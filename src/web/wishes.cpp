#include "web/wishes.hpp"

#include <boost/json/serialize.hpp>

#include "fleet/command.hpp"
#include "fleet/reception.hpp"
#include "web/answer.hpp"
#include "web/commands.hpp"
#include "web/parameters.hpp"
#include "web/spec_body.hpp"

namespace web {

using boost::asio::awaitable;

namespace {

awaitable<http::Response> send(Context* context, std::string command, std::string name, std::string payload) {
    if (auto before = co_await queued_before(context, command, name, payload)) {
        co_return *std::move(before);
    }
    co_return co_await send_command(context, std::move(command), std::move(name), std::move(payload));
}

}  // namespace

awaitable<http::Response> wish(Context* context, Call call, std::string command,
                               std::optional<std::string> (*problem_of)(const fleet::Record&)) {
    Parameters parameters(std::move(call.query));
    if (const auto fault = parameters.fault()) {
        co_return problem(400, *fault);
    }
    const auto record = co_await find_record(context, std::move(call.parameter));
    if (!record) {
        co_return record.error();
    }
    if (const auto reason = problem_of(*record)) {
        co_return problem(409, *reason);
    }
    const auto payload = boost::json::serialize(base::to_json(fleet::NameOrder{record->name(), record->uid}));
    co_return co_await send(context, std::move(command), record->name(), payload);
}

awaitable<http::Response> replace_machine(Context* context, Call call) {
    return wish(context, std::move(call), "replace", fleet::replace_problem);
}

awaitable<http::Response> pause_instance(Context* context, Call call) {
    return wish(context, std::move(call), "pause", fleet::intent_problem);
}

awaitable<http::Response> resume_instance(Context* context, Call call) {
    return wish(context, std::move(call), "resume", fleet::intent_problem);
}

awaitable<http::Response> update_instance(Context* context, Call call) {
    Parameters parameters(std::move(call.query));
    const bool replace = parameters.take_flag("replace");
    if (const auto fault = parameters.fault()) {
        co_return problem(400, *fault);
    }
    const auto spec = read_spec(call.request);
    if (!spec) {
        co_return spec.error();
    }
    const auto record = co_await find_record(context, std::move(call.parameter));
    if (!record) {
        co_return record.error();
    }
    if (const auto reason = fleet::update_problem(*record, *spec)) {
        co_return problem(409, *reason);
    }
    auto order = base::to_json(fleet::UpdateOrder{record->name(), record->uid, replace});
    order.as_object()["spec"] = base::to_json(*spec);
    co_return co_await send(context, "update", record->name(), boost::json::serialize(order));
}

}  // namespace web
