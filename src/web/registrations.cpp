#include "web/registrations.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "fleet/command.hpp"
#include "fleet/spec.hpp"
#include "web/answer.hpp"

namespace web {

namespace json = boost::json;
using boost::asio::awaitable;

namespace {

/// The same registration again within this time is the same one; later it is put into the queue anew, in case
/// the first was lost on the way. Twice does no harm: the manager knows an equal spec.
constexpr base::Duration same_registration = std::chrono::minutes{5};

bool is_json(const http::Request& request) {
    const auto type = http::find_header(request.headers, "Content-Type");
    const auto media_type = base::trim(base::split_once(type.value_or(""), ';').first);
    return base::equal_ignoring_case(media_type, "application/json");
}

http::Response accepted(const std::string& uid, const std::string& name, std::string_view state) {
    auto answer = json_answer(202, json::object{{"uid", uid}, {"name", name}, {"state", state}});
    answer.headers.push_back({"Location", "/registrations/" + uid});
    return answer;
}

/// The answer that the store or the memory of this process has for this spec; nothing when it is new.
awaitable<std::optional<http::Response>> known_answer(Context* context, fleet::Spec spec,
                                                      std::string spec_sha256) {
    const auto& unreadable = context->backend.unreadable;
    if (const auto found = unreadable.find(spec.name); found != unreadable.end()) {
        co_return problem(409, fmt::format("the name {} is registered, and {}", spec.name, found->second));
    }
    const auto record = co_await context->backend.find(spec.name);
    if (!record) {
        co_return unavailable(*context, record.error(), "what is stored of this name cannot be read now");
    }
    if (*record && (*record)->spec == spec) {
        co_return accepted((*record)->uid, spec.name, "accepted");
    }
    if (*record) {
        co_return problem(409, fmt::format("the name {} is registered with another spec", spec.name));
    }
    const auto* queued = context->queued.newest_of(spec.name);
    if (queued == nullptr || queued->spec_sha256 != spec_sha256 ||
        context->backend.now() - queued->at > same_registration) {
        co_return std::nullopt;
    }
    const auto uid = queued->uid;
    const auto outcome = co_await context->backend.registration(uid);
    if (!outcome) {
        co_return unavailable(*context, outcome.error(), "registrations cannot be looked up now");
    }
    // One that the manager has refused may be tried again: the reason may have gone.
    co_return *outcome ? std::nullopt : std::optional(accepted(uid, spec.name, "queued"));
}

}  // namespace

awaitable<http::Response> register_instance(Context* context, Call call) {
    if (!is_json(call.request)) {
        co_return problem(415, "the body must be JSON, sent with `Content-Type: application/json`");
    }
    const auto document = base::parse_json(call.request.body);
    if (!document) {
        co_return problem(400, "the body " + document.error());
    }
    const auto spec = fleet::parse_spec(*document);
    if (!spec) {
        co_return problem(422, "the registration cannot be accepted; `errors` says which fields are wrong",
                          spec.error());
    }
    const auto payload = json::serialize(base::to_json(*spec));
    const auto spec_sha256 = base::sha256_hex(payload);
    if (auto known = co_await known_answer(context, *spec, spec_sha256)) {
        co_return *std::move(known);
    }

    const auto uid = base::new_uid();
    const auto now = context->backend.now();
    auto command = fleet::sign_command(context->backend.command_key, "register", uid, now, payload);
    if (const auto sent = co_await context->backend.publish(std::move(command)); !sent) {
        co_return unavailable(*context, sent.error(),
                              "the registration could not be put into the queue; try again");
    }
    context->queued.add({uid, spec->name, spec_sha256, now});
    co_return accepted(uid, spec->name, "queued");
}

awaitable<http::Response> show_registration(Context* context, Call call) {
    const auto& uid = call.parameter;
    const auto outcome = co_await context->backend.registration(uid);
    if (!outcome) {
        co_return unavailable(*context, outcome.error(), "registrations cannot be looked up now");
    }
    if (*outcome) {
        const auto& found = **outcome;
        json::object body{
            {"uid", uid}, {"state", base::to_json(found.state)}, {"decided", base::to_json(found.at)}};
        if (!found.name.empty()) {
            body["name"] = found.name;
        }
        if (!found.reason.empty()) {
            body["reason"] = found.reason;
        }
        if (found.state == store::RegistrationState::accepted) {
            body["instance"] = "/instances/" + found.name;
        }
        co_return json_answer(200, body);
    }
    if (const auto* queued = context->queued.find(uid)) {
        co_return json_answer(200, json::object{{"uid", uid},
                                                {"name", queued->name},
                                                {"state", "queued"},
                                                {"queued", base::to_json(queued->at)}});
    }
    co_return problem(
        404,
        "no registration with this uid is known; one that was queued before this server started "
        "is known again once the manager has taken it");
}

}  // namespace web
