#include "web/explanations.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "fleet/explain.hpp"
#include "web/answer.hpp"
#include "web/views.hpp"

namespace web {

namespace json = boost::json;

namespace {

json::object answer_of(const fleet::Record& record, const fleet::Explanation& explanation, base::Time now) {
    json::array moves;
    for (const auto& move : explanation.moves) {
        auto view = view_of(move);
        view["moments"] = base::to_json(move.moments);
        moves.push_back(std::move(view));
    }
    return {{"name", record.name()},
            {"at", base::to_json(now)},
            {"state", base::to_json(explanation.status.state)},
            {"reason", explanation.status.reason},
            {"account", base::to_json(explanation.account)},
            {"moves", std::move(moves)}};
}

}  // namespace

boost::asio::awaitable<http::Response> show_explanation(Context* context, Call call) {
    const auto record = co_await context->backend.find(call.parameter);
    if (!record) {
        co_return unavailable(*context, record.error(), "what is stored of this name cannot be read now");
    }
    if (!*record) {
        co_return problem(404, fmt::format("no name `{}` is registered", base::cut(call.parameter, 80)));
    }
    const auto now = context->backend.now();
    const auto explanation = fleet::explain(**record, now);
    auto answer =
        asks_for(call.request, "text/plain")
            ? http::Response{200,
                             {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                             fleet::told(**record, explanation)}
            : json_answer(200, answer_of(**record, explanation, now));
    answer.headers.push_back({"Vary", "Accept"});
    co_return answer;
}

}  // namespace web
