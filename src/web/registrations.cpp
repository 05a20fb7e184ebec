#include "web/registrations.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/text.hpp"
#include "fleet/spec.hpp"
#include "web/answer.hpp"
#include "web/commands.hpp"
#include "web/spec_body.hpp"

namespace web {

using boost::asio::awaitable;

namespace {

/// The answer where the store knows the name, or whose its DNS names are; nothing when all are free.
awaitable<std::optional<http::Response>> known_answer(Context* context, fleet::Spec spec) {
    const auto& unreadable = context->backend.unreadable;
    if (const auto found = unreadable.find(spec.name); found != unreadable.end()) {
        co_return problem(409, fmt::format("the name {} is registered, and {}", spec.name, found->second));
    }
    const auto record = co_await context->backend.find(spec.name);
    if (!record) {
        co_return unavailable(*context, record.error(), "what is stored of this name cannot be read now");
    }
    if (*record && (*record)->retirement) {
        co_return problem(
            409, fmt::format("the name {} is being retired: register it again when that is done", spec.name));
    }
    if (*record && (*record)->spec == spec) {
        co_return accepted("register", (*record)->uid, spec.name, "accepted");
    }
    if (*record) {
        co_return problem(409, fmt::format("the name {} is registered with another spec", spec.name));
    }
    for (const auto& key : fleet::dns_keys(spec)) {
        const auto owner = co_await context->backend.owner_of_dns(key);
        if (!owner) {
            co_return unavailable(*context, owner.error(), "whose DNS name it is cannot be read now");
        }
        if (*owner) {
            co_return problem(409, fleet::dns_conflict(key, **owner));
        }
    }
    co_return std::nullopt;
}

}  // namespace

awaitable<http::Response> register_instance(Context* context, Call call) {
    const auto spec = read_spec(call.request);
    if (!spec) {
        co_return spec.error();
    }
    if (auto known = co_await known_answer(context, *spec)) {
        co_return *std::move(known);
    }
    const auto payload = boost::json::serialize(base::to_json(*spec));
    if (auto before = co_await queued_before(context, "register", spec->name, payload)) {
        co_return *std::move(before);
    }
    co_return co_await send_command(context, "register", spec->name, payload);
}

}  // namespace web
