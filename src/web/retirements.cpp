#include "web/retirements.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/text.hpp"
#include "fleet/command.hpp"
#include "web/answer.hpp"
#include "web/commands.hpp"

namespace web {

using boost::asio::awaitable;

namespace {

std::expected<bool, std::string> keep_machine(const std::map<std::string, std::string>& parameters) {
    bool keep = false;
    for (const auto& [name, value] : parameters) {
        if (name != "keep_machine") {
            return std::unexpected(
                fmt::format("there is no parameter `{}`; there is keep_machine", base::cut(name, 40)));
        }
        if (value != "true" && value != "false") {
            return std::unexpected(
                fmt::format("`keep_machine` must be true or false, not `{}`", base::cut(value, 40)));
        }
        keep = value == "true";
    }
    return keep;
}

}  // namespace

awaitable<http::Response> retire_instance(Context* context, Call call) {
    const auto keep = keep_machine(call.query);
    if (!keep) {
        co_return problem(400, keep.error());
    }
    const auto& unreadable = context->backend.unreadable;
    if (const auto found = unreadable.find(call.parameter); found != unreadable.end()) {
        co_return problem(409, fmt::format("the name {} cannot be retired: {}", found->first, found->second));
    }
    const auto record = co_await context->backend.find(call.parameter);
    if (!record) {
        co_return unavailable(*context, record.error(), "what is stored of this name cannot be read now");
    }
    if (!*record) {
        co_return problem(404, fmt::format("no name `{}` is registered", base::cut(call.parameter, 80)));
    }
    const auto& name = (*record)->name();
    if (const auto& retirement = (*record)->retirement) {
        if (retirement->keep_machine == *keep) {
            co_return accepted("retire", retirement->command, name, "accepted");
        }
        co_return problem(409, fmt::format("the name {} is being retired already, and its machine is {}",
                                           name, retirement->keep_machine ? "kept" : "ended"));
    }
    const auto payload =
        boost::json::serialize(base::to_json(fleet::RetireOrder{name, (*record)->uid, *keep}));
    if (auto before = co_await queued_before(context, "retire", name, payload)) {
        co_return *std::move(before);
    }
    co_return co_await send_command(context, "retire", name, payload);
}

}  // namespace web
