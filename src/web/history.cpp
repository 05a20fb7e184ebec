#include "web/history.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "web/answer.hpp"
#include "web/parameters.hpp"
#include "web/views.hpp"

namespace web {

namespace json = boost::json;
using boost::asio::awaitable;

namespace {

/// Of entries a call looks at when it filters: a page may be short, its `next` goes on from there.
constexpr std::size_t looked_at_max = 2000;

std::string next_link(std::string_view path, std::uint64_t limit, std::uint64_t before) {
    return fmt::format("{}?limit={}&before={}", path, limit, before);
}

awaitable<http::Response> list_rejected(Context* context, std::uint64_t limit, std::uint64_t before) {
    const auto page = co_await context->backend.rejected(limit, before);
    if (!page) {
        co_return unavailable(*context, page.error(), "the rejected messages cannot be read now; try again");
    }
    json::array items;
    for (const auto& message : *page) {
        auto item = base::to_json(message).as_object();
        item["number"] = message.number;
        items.push_back(std::move(item));
    }
    json::object body{{"rejected", std::move(items)}};
    if (page->size() == limit) {
        body["next"] = next_link("/messages", limit, page->back().number) + "&rejected=true";
    }
    co_return json_answer(200, body);
}

}  // namespace

awaitable<http::Response> show_history(Context* context, Call call) {
    Parameters parameters(std::move(call.query));
    const auto limit = parameters.take_number("limit", limit_default, limit_max);
    const auto before = parameters.take_number("before", UINT64_MAX, UINT64_MAX);
    if (const auto fault = parameters.fault()) {
        co_return problem(400, *fault);
    }
    const auto page = co_await context->backend.history(call.parameter, limit, before);
    if (!page) {
        co_return unavailable(*context, page.error(), "the history of this name cannot be read now");
    }
    // A name that is gone still has its history for a while.
    if (page->empty() && before == UINT64_MAX) {
        co_return problem(404, fmt::format("nothing is known of a name `{}`", base::cut(call.parameter, 80)));
    }
    json::object body{{"history", history_of(*page)}};
    if (page->size() == limit) {
        const auto path = fmt::format("/instances/{}/history", base::percent_encode(call.parameter));
        body["next"] = next_link(path, limit, page->back().first);
    }
    co_return json_answer(200, body);
}

awaitable<http::Response> list_messages(Context* context, Call call) {
    Parameters parameters(std::move(call.query));
    const auto limit = parameters.take_number("limit", limit_default, limit_max);
    auto before = parameters.take_number("before", UINT64_MAX, UINT64_MAX);
    const auto machine = parameters.take("machine");
    const auto rejected = parameters.take_flag("rejected");
    if (const auto fault = parameters.fault()) {
        co_return problem(400, *fault);
    }
    if (rejected) {
        co_return co_await list_rejected(context, limit, before);
    }
    std::vector<store::NumberedEntry> found;
    bool more = true;
    for (std::size_t looked_at = 0; more && found.size() < limit && looked_at < looked_at_max;) {
        auto page = co_await context->backend.history("", limit_max, before);
        if (!page) {
            co_return unavailable(*context, page.error(), "the history cannot be read now; try again");
        }
        looked_at += page->size();
        more = page->size() == limit_max;
        for (auto& entry : *page) {
            if (found.size() == limit) {
                more = true;
                break;
            }
            before = entry.first;
            if (!machine || entry.second.machine == *machine) {
                found.push_back(std::move(entry));
            }
        }
    }
    json::object body{{"history", history_of(found)}};
    if (more) {
        body["next"] = next_link("/messages", limit, before) +
                       (machine ? "&machine=" + base::percent_encode(*machine) : "");
    }
    co_return json_answer(200, body);
}

awaitable<http::Response> show_message(Context* context, Call call) {
    const auto seen = co_await context->backend.seen(call.parameter);
    if (!seen) {
        co_return unavailable(*context, seen.error(), "what was seen cannot be read now; try again");
    }
    if (!*seen) {
        co_return problem(404, "no message with this id was taken in within the last 15 days");
    }
    co_return json_answer(200, json::object{{"id", call.parameter}, {"seen", base::to_json(**seen)}});
}

}  // namespace web
