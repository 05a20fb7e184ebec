#include "web/probes.hpp"

#include <algorithm>

#include "web/answer.hpp"
#include "web/texts.hpp"

namespace web {

namespace json = boost::json;
using boost::asio::awaitable;

namespace {

http::Response checks_answer(const Checks& checks, bool with_reasons) {
    json::object list;
    for (const auto& check : checks) {
        list[check.name] = check.problem.empty() ? "ok" : with_reasons ? check.problem : "failed";
    }
    const bool all_well =
        std::ranges::all_of(checks, [](const Check& check) { return check.problem.empty(); });
    return json_answer(all_well ? 200 : 503,
                       json::object{{"status", all_well ? "ok" : "failed"}, {"checks", std::move(list)}});
}

}  // namespace

awaitable<http::Response> show_index(Context* /*context*/, Call /*call*/) {
    auto answer = json_answer(200, json::object{{"service", "spot-manager"},
                                                {"links",
                                                 {{"instances", "/instances"},
                                                  {"replacements", "/replacements"},
                                                  {"messages", "/messages"},
                                                  {"description", "/openapi.yaml"},
                                                  {"metrics", "/metrics"},
                                                  {"health", "/healthz"},
                                                  {"readiness", "/readyz"}}}});
    answer.headers.push_back({"Vary", "Accept"});
    co_return answer;
}

awaitable<http::Response> show_description(Context* /*context*/, Call /*call*/) {
    // RFC 9512.
    co_return http::Response{200, {{"Content-Type", "application/yaml"}}, std::string(openapi_yaml)};
}

awaitable<http::Response> show_health(Context* context, Call call) {
    co_return checks_answer(context->backend.health(), call.trusted);
}

awaitable<http::Response> show_readiness(Context* context, Call call) {
    co_return checks_answer(context->backend.readiness(), call.trusted);
}

awaitable<http::Response> show_metrics(Context* context, Call /*call*/) {
    co_return http::Response{
        200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, context->backend.metrics()};
}

}  // namespace web
