#include "web/commands.hpp"

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "fleet/command.hpp"
#include "web/answer.hpp"

namespace web {

namespace json = boost::json;
using boost::asio::awaitable;

namespace {

constexpr base::Duration same_command = std::chrono::minutes{5};
constexpr std::string_view registration = "register";

json::object view_of(const std::string& uid, const store::Command& found) {
    json::object view{{"uid", uid},
                      {"command", found.command},
                      {"state", base::to_json(found.state)},
                      {"decided", base::to_json(found.at)}};
    if (!found.name.empty()) {
        view["name"] = found.name;
    }
    if (!found.reason.empty()) {
        view["reason"] = found.reason;
    }
    if (found.state == store::CommandState::accepted && found.command == registration) {
        view["instance"] = "/instances/" + found.name;
    }
    return view;
}

/// `only`: of this operation; empty: of any.
awaitable<http::Response> show(Context* context, std::string uid, std::string_view only) {
    const auto outcome = co_await context->backend.command(uid);
    if (!outcome) {
        co_return unavailable(*context, outcome.error(), "commands cannot be looked up now");
    }
    if (*outcome && (only.empty() || only == (*outcome)->command)) {
        co_return json_answer(200, view_of(uid, **outcome));
    }
    const auto* queued = context->queued.find(uid);
    if (queued != nullptr && (only.empty() || only == queued->command)) {
        co_return json_answer(200, json::object{{"uid", uid},
                                                {"command", queued->command},
                                                {"name", queued->name},
                                                {"state", "queued"},
                                                {"queued", base::to_json(queued->at)}});
    }
    co_return problem(404, "no " + std::string(only.empty() ? "command" : "registration") +
                               " with this uid is known; one that was queued before this server started is "
                               "known again once the manager has taken it");
}

}  // namespace

http::Response accepted(std::string_view command, const std::string& uid, const std::string& name,
                        std::string_view state) {
    auto answer = json_answer(202, json::object{{"uid", uid}, {"name", name}, {"state", state}});
    answer.headers.push_back(
        {"Location", (command == registration ? "/registrations/" : "/commands/") + uid});
    return answer;
}

awaitable<std::optional<http::Response>> queued_before(Context* context, std::string command,
                                                       std::string name, std::string payload) {
    const auto* queued = context->queued.newest_of(name);
    if (queued == nullptr || queued->command != command ||
        queued->payload_sha256 != base::sha256_hex(payload) ||
        context->backend.now() - queued->at > same_command) {
        co_return std::nullopt;
    }
    const auto uid = queued->uid;
    const auto outcome = co_await context->backend.command(uid);
    if (!outcome) {
        co_return unavailable(*context, outcome.error(), "commands cannot be looked up now");
    }
    // One that the manager has refused may be tried again: the reason may have gone.
    co_return *outcome ? std::nullopt : std::optional(accepted(command, uid, name, "queued"));
}

awaitable<std::expected<fleet::Record, http::Response>> find_record(Context* context, std::string name) {
    const auto& unreadable = context->backend.unreadable;
    if (const auto found = unreadable.find(name); found != unreadable.end()) {
        co_return std::unexpected(
            problem(409, "the name " + found->first + " cannot be changed: " + found->second));
    }
    auto record = co_await context->backend.find(name);
    if (!record) {
        co_return std::unexpected(
            unavailable(*context, record.error(), "what is stored of this name cannot be read now"));
    }
    if (!*record) {
        co_return std::unexpected(
            problem(404, "no name `" + std::string(base::cut(name, 80)) + "` is registered"));
    }
    co_return std::move(**record);
}

awaitable<http::Response> send_command(Context* context, std::string command, std::string name,
                                       std::string payload) {
    const auto uid = base::new_uid();
    const auto now = context->backend.now();
    auto body = fleet::sign_command(context->backend.command_key, command, uid, now, payload);
    if (const auto sent = co_await context->backend.publish(std::move(body)); !sent) {
        co_return unavailable(*context, sent.error(),
                              "the command could not be put into the queue; try again");
    }
    context->queued.add({uid, name, base::sha256_hex(payload), now, command});
    co_return accepted(command, uid, name, "queued");
}

awaitable<http::Response> show_command(Context* context, Call call) {
    return show(context, std::move(call.parameter), {});
}

awaitable<http::Response> show_registration(Context* context, Call call) {
    return show(context, std::move(call.parameter), registration);
}

}  // namespace web
