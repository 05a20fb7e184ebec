#include "web/instances.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "fleet/status.hpp"
#include "web/answer.hpp"
#include "web/parameters.hpp"
#include "web/views.hpp"

namespace web {

namespace json = boost::json;

namespace {

/// Of records a call looks at when it filters: a page may be short, its `next` goes on from there.
constexpr std::size_t looked_at_max = 2000;
constexpr std::size_t history_shown = 50;

json::object unreadable_item(const std::string& name, const std::string& reason) {
    return {{"name", name}, {"state", "unreadable"}, {"reason", reason}};
}

json::object item_of(const ListedRecord& listed) {
    return listed.record ? summary_of(*listed.record)
                         : unreadable_item(listed.name, listed.record.error().message);
}

std::string next_link(const std::string& last, std::size_t limit, std::optional<fleet::State> state) {
    auto link = fmt::format("/instances?after={}&limit={}", base::percent_encode(last), limit);
    return state ? link + "&state=" + boost::describe::enum_to_string(*state, "") : link;
}

}  // namespace

boost::asio::awaitable<http::Response> list_instances(Context* context, Call call) {
    Parameters parameters(std::move(call.query));
    const auto state = parameters.take_word<fleet::State>("state");
    const auto limit = parameters.take_number("limit", limit_default, limit_max);
    auto after = parameters.take("after").value_or("");
    if (const auto fault = parameters.fault()) {
        co_return problem(400, *fault);
    }
    json::array items;
    bool more = true;
    for (std::size_t looked_at = 0; more && items.size() < limit && looked_at < looked_at_max;) {
        const auto page = co_await context->backend.list(after, limit);
        if (!page) {
            co_return unavailable(*context, page.error(), "the list cannot be read now; try again");
        }
        more = page->size() == limit;
        looked_at += page->size();
        for (const auto& listed : *page) {
            if (items.size() == limit) {
                more = true;
                break;
            }
            after = listed.name;
            if (!state || (listed.record && fleet::status_of(*listed.record).state == *state)) {
                items.push_back(item_of(listed));
            }
        }
    }
    json::object body{{"instances", std::move(items)}};
    if (more) {
        body["next"] = next_link(after, limit, state);
    }
    co_return json_answer(200, body);
}

boost::asio::awaitable<http::Response> show_instance(Context* context, Call call) {
    const auto& unreadable = context->backend.unreadable;
    if (const auto found = unreadable.find(call.parameter); found != unreadable.end()) {
        co_return json_answer(200, unreadable_item(found->first, found->second));
    }
    const auto record = co_await context->backend.find(call.parameter);
    if (!record) {
        co_return unavailable(*context, record.error(), "what is stored of this name cannot be read now");
    }
    if (!*record) {
        co_return problem(404, fmt::format("no name `{}` is registered", base::cut(call.parameter, 80)));
    }
    const auto history = co_await context->backend.history(call.parameter, history_shown, UINT64_MAX);
    if (!history) {
        co_return unavailable(*context, history.error(), "the history of this name cannot be read now");
    }
    co_return json_answer(200, detail_of(**record, *history));
}

}  // namespace web
