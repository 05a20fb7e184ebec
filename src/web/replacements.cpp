#include "web/replacements.hpp"

#include <algorithm>

#include "web/answer.hpp"
#include "web/parameters.hpp"

namespace web {

namespace json = boost::json;

namespace {

json::object item_of(const fleet::Forecast& forecast) {
    const auto& replacement = forecast.replacement;
    return {{"name", replacement.name},
            {"stage", base::to_json(replacement.stage)},
            {"needed_by", base::to_json(replacement.needed_by)},
            {"ready", base::to_json(forecast.ready)},
            {"late", forecast.late}};
}

}  // namespace

boost::asio::awaitable<http::Response> list_replacements(Context* context, Call call) {
    Parameters parameters(std::move(call.query));
    const auto limit = parameters.take_number("limit", limit_default, limit_max);
    if (const auto fault = parameters.fault()) {
        co_return problem(400, *fault);
    }
    const auto forecasts = context->backend.replacements();
    const auto progress = fleet::progress_of(forecasts);
    json::array items;
    for (std::size_t i = 0; i < std::min(forecasts.size(), limit); ++i) {
        items.push_back(item_of(forecasts[i]));
    }
    co_return json_answer(200, json::object{{"waiting", progress.waiting},
                                            {"under_way", progress.under_way},
                                            {"late", progress.late},
                                            {"replacements", std::move(items)}});
}

}  // namespace web
