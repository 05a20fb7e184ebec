#include "web/instances.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "fleet/status.hpp"
#include "web/answer.hpp"
#include "web/views.hpp"

namespace web {

namespace json = boost::json;

namespace {

constexpr std::size_t limit_default = 100;
constexpr std::size_t limit_max = 500;
/// Of records a call looks at when it filters: a page may be short, its `next` goes on from there.
constexpr std::size_t looked_at_max = 2000;
constexpr std::size_t history_shown = 50;

struct ListQuery {
    std::optional<fleet::State> state;
    std::string state_word;
    std::size_t limit = limit_default;
    std::string after;
};

std::expected<ListQuery, std::string> parse_query(const std::map<std::string, std::string>& parameters) {
    ListQuery query;
    for (const auto& [name, value] : parameters) {
        if (name == "after") {
            query.after = value;
        } else if (name == "limit") {
            const auto limit = base::parse_number(value);
            if (!limit || *limit == 0 || *limit > limit_max) {
                return std::unexpected(fmt::format("`limit` must be from 1 to {}", limit_max));
            }
            query.limit = *limit;
        } else if (name == "state") {
            fleet::State state{};
            if (!boost::describe::enum_from_string(value.c_str(), state)) {
                return std::unexpected(fmt::format("`state` cannot be `{}`", base::cut(value, 40)));
            }
            query.state = state;
            query.state_word = value;
        } else {
            return std::unexpected(fmt::format("there is no parameter `{}`; there are state, limit and after",
                                               base::cut(name, 40)));
        }
    }
    return query;
}

json::object unreadable_item(const std::string& name, const std::string& reason) {
    return {{"name", name}, {"state", "unreadable"}, {"reason", reason}};
}

json::object item_of(const ListedRecord& listed) {
    return listed.record ? summary_of(*listed.record)
                         : unreadable_item(listed.name, listed.record.error().message);
}

std::string next_link(const ListQuery& query, const std::string& last) {
    auto link = fmt::format("/instances?after={}&limit={}", base::percent_encode(last), query.limit);
    return query.state ? link + "&state=" + query.state_word : link;
}

}  // namespace

boost::asio::awaitable<http::Response> list_instances(Context* context, Call call) {
    const auto query = parse_query(call.query);
    if (!query) {
        co_return problem(400, query.error());
    }
    json::array items;
    auto after = query->after;
    bool more = true;
    for (std::size_t looked_at = 0; more && items.size() < query->limit && looked_at < looked_at_max;) {
        const auto page = co_await context->backend.list(after, query->limit);
        if (!page) {
            co_return unavailable(*context, page.error(), "the list cannot be read now; try again");
        }
        more = page->size() == query->limit;
        looked_at += page->size();
        for (const auto& listed : *page) {
            if (items.size() == query->limit) {
                more = true;
                break;
            }
            after = listed.name;
            if (!query->state || (listed.record && fleet::status_of(*listed.record).state == *query->state)) {
                items.push_back(item_of(listed));
            }
        }
    }
    json::object body{{"instances", std::move(items)}};
    if (more) {
        body["next"] = next_link(*query, after);
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
    const auto history = co_await context->backend.history(call.parameter, history_shown);
    if (!history) {
        co_return unavailable(*context, history.error(), "the history of this name cannot be read now");
    }
    co_return json_answer(200, detail_of(**record, *history));
}

}  // namespace web
