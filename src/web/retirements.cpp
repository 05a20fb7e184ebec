#include "web/retirements.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "fleet/command.hpp"
#include "fleet/retirement.hpp"
#include "web/answer.hpp"
#include "web/commands.hpp"
#include "web/parameters.hpp"

namespace web {

using boost::asio::awaitable;

awaitable<http::Response> retire_instance(Context* context, Call call) {
    Parameters parameters(std::move(call.query));
    const auto keep = parameters.take_flag("keep_machine");
    const auto remove_images = parameters.take_flag("remove_images");
    if (const auto fault = parameters.fault()) {
        co_return problem(400, *fault);
    }
    const auto record = co_await find_record(context, std::move(call.parameter));
    if (!record) {
        co_return record.error();
    }
    const auto& name = record->name();
    if (const auto& retirement = record->retirement) {
        if (auto reason = fleet::retire_problem(*retirement, keep, remove_images)) {
            co_return problem(409, fmt::format("the name {}: {}", name, *reason));
        }
        if (retirement->remove_images == remove_images) {
            co_return accepted("retire", retirement->command, name, "accepted");
        }
    }
    const auto payload =
        boost::json::serialize(base::to_json(fleet::RetireOrder{name, record->uid, keep, remove_images}));
    if (auto before = co_await queued_before(context, "retire", name, payload)) {
        co_return *std::move(before);
    }
    co_return co_await send_command(context, "retire", name, payload);
}

}  // namespace web
