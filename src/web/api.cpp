#include "web/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "web/answer.hpp"
#include "web/commands.hpp"
#include "web/explanations.hpp"
#include "web/history.hpp"
#include "web/images.hpp"
#include "web/instances.hpp"
#include "web/page.hpp"
#include "web/probes.hpp"
#include "web/registrations.hpp"
#include "web/replacements.hpp"
#include "web/retirements.hpp"
#include "web/wishes.hpp"

namespace web {

using boost::asio::awaitable;

namespace {

enum class Access { open, metrics, read, write };

struct Route {
    std::string_view path;  ///< `{}` stands for one part
    std::string_view method;
    Access access;
    Handler handler;
    std::string_view media = {};  ///< only for callers who ask for it by name
};

constexpr std::array routes{
    Route{"/", "GET", Access::open, show_page, "text/html"},
    Route{"/", "GET", Access::read, show_index},
    Route{"/instances", "GET", Access::read, list_instances},
    Route{"/instances", "POST", Access::write, register_instance},
    Route{"/instances/{}", "GET", Access::read, show_instance},
    Route{"/instances/{}/explain", "GET", Access::read, show_explanation},
    Route{"/instances/{}/history", "GET", Access::read, show_history},
    Route{"/instances/{}/images", "GET", Access::read, list_images},
    Route{"/messages", "GET", Access::read, list_messages},
    Route{"/messages/{}", "GET", Access::read, show_message},
    Route{"/replacements", "GET", Access::read, list_replacements},
    Route{"/openapi.yaml", "GET", Access::read, show_description},
    Route{"/instances/{}", "PUT", Access::write, update_instance},
    Route{"/instances/{}", "DELETE", Access::write, retire_instance},
    Route{"/instances/{}/replace", "POST", Access::write, replace_machine},
    Route{"/instances/{}/pause", "POST", Access::write, pause_instance},
    Route{"/instances/{}/resume", "POST", Access::write, resume_instance},
    Route{"/instances/{}/image", "POST", Access::write, make_image},
    Route{"/instances/{}/image/test", "POST", Access::write, test_image},
    Route{"/commands/{}", "GET", Access::read, show_command},
    Route{"/registrations/{}", "GET", Access::read, show_registration},
    Route{"/healthz", "GET", Access::open, show_health},
    Route{"/readyz", "GET", Access::open, show_readiness},
    Route{"/metrics", "GET", Access::metrics, show_metrics},
};

/// 256 KiB: 16 KiB of user data however escaped, and all else many times over.
constexpr std::size_t body_bytes_max = 256uz * 1024;
constexpr std::string_view realm = R"(Bearer realm="spot-manager")";

/// The part of the path that stands for `{}`, empty where the route has none; nothing when they do not match.
std::optional<std::string> match(std::string_view route, std::string_view path) {
    const auto wild = route.find("{}");
    if (wild == std::string_view::npos) {
        return route == path ? std::optional(std::string()) : std::nullopt;
    }
    const auto after = route.substr(wild + 2);
    if (!path.starts_with(route.substr(0, wild)) || !path.substr(wild).ends_with(after)) {
        return std::nullopt;
    }
    auto parameter = base::percent_decode(path.substr(wild, path.size() - wild - after.size()));
    const bool fits = parameter && !parameter->empty() && !parameter->contains('/');
    return fits ? std::move(parameter) : std::nullopt;
}

struct Found {
    const Route* route = nullptr;
    std::string parameter;
    std::string allowed;  ///< methods of this path; empty: there is no such path
};

Found find_route(const http::Request& request, std::string_view path) {
    Found found;
    for (const auto& route : routes) {
        auto parameter = match(route.path, path);
        if (!parameter || (!route.media.empty() && !asks_for(request, route.media))) {
            continue;
        }
        const auto methods = std::string(route.method) + (route.method == "GET" ? ", HEAD" : "");
        if (!found.allowed.contains(methods)) {
            found.allowed += (found.allowed.empty() ? "" : ", ") + methods;
        }
        // The server leaves out the body of an answer to HEAD.
        const bool fits =
            route.method == request.method || (route.method == "GET" && request.method == "HEAD");
        if (fits && found.route == nullptr) {
            found.route = &route;
            found.parameter = *std::move(parameter);
        }
    }
    return found;
}

std::optional<std::map<std::string, std::string>> parse_parameters(std::string_view query) {
    std::map<std::string, std::string> parameters;
    for (const auto pair : base::split(query, '&')) {
        if (pair.empty()) {
            continue;
        }
        const auto [name, value] = base::split_once(pair, '=');
        auto decoded_name = base::percent_decode(name, true);
        auto decoded_value = base::percent_decode(value, true);
        if (!decoded_name || !decoded_value ||
            !parameters.emplace(*std::move(decoded_name), *std::move(decoded_value)).second) {
            return std::nullopt;
        }
    }
    return parameters;
}

/// The caller's token, empty where there is none.
std::string_view bearer_token(const http::Request& request) {
    const auto value = base::trim(http::find_header(request.headers, "Authorization").value_or(""));
    const auto [scheme, token] = base::split_once(value, ' ');
    return base::equal_ignoring_case(scheme, "Bearer") ? base::trim(token) : std::string_view();
}

Role role_of(const Context& context, const http::Request& request) {
    if (context.tokens.empty()) {
        return Role::write;
    }
    return context.tokens.role_of(bearer_token(request)).value_or(Role::none);
}

/// RFC 6750, 3: why the caller may not, or nothing when it may.
std::optional<http::Response> denial(const Context& context, Access access, Role role, bool has_token) {
    const bool open = access == Access::open || (access == Access::metrics && context.metrics_open);
    const auto needed = access == Access::write ? Role::write : Role::read;
    if (open || role >= needed) {
        return std::nullopt;
    }
    if (role == Role::none) {
        auto answer = problem(401, has_token ? "this token is not known"
                                             : "a token is needed: send `Authorization: Bearer TOKEN`");
        answer.headers.push_back(
            {"WWW-Authenticate", std::string(realm) + (has_token ? R"(, error="invalid_token")" : "")});
        return answer;
    }
    auto answer = problem(403, "this call needs a token with the role `write`");
    answer.headers.push_back({"WWW-Authenticate", std::string(realm) + R"(, error="insufficient_scope")"});
    return answer;
}

}  // namespace

bool asks_for(const http::Request& request, std::string_view media) {
    const auto accepted = base::split(http::find_header(request.headers, "Accept").value_or(""), ',');
    return std::ranges::any_of(accepted, [media](std::string_view range) {
        return base::equal_ignoring_case(base::trim(base::split_once(range, ';').first), media);
    });
}

http::Response unavailable(const Context& context, const base::Error& error, std::string sentence) {
    if (context.backend.log_error) {
        context.backend.log_error(fmt::format("{}: {}", sentence, error.message));
    }
    auto answer = problem(503, std::move(sentence));
    answer.headers.push_back({"Retry-After", "5"});
    return answer;
}

Api::Api(Backend backend, ApiOptions options)
    : context_{std::move(backend), std::move(options.tokens), options.metrics_open, Queued()} {}

awaitable<http::Response> Api::handle(http::ServerRequest call) {
    Called called;
    auto response = co_await answer(std::move(call), &called);
    if (context_.backend.observe) {
        context_.backend.observe(called.route, called.method, response.status);
    }
    co_return response;
}

awaitable<http::Response> Api::answer(http::ServerRequest server_request, Called* called) {
    Call call;
    call.request = std::move(server_request.request);
    const auto host = http::find_header(call.request.headers, "Host");
    if (context_.tokens.empty() && host && !is_loopback(*host)) {
        co_return problem(421, fmt::format("without tokens this server answers to names and addresses of "
                                           "loopback only, not to `{}`",
                                           base::cut(*host, 80)));
    }
    const auto [path, query] = base::split_once(call.request.target, '?');
    auto found = find_route(call.request, path);
    if (found.allowed.empty()) {
        co_return problem(404, fmt::format("there is nothing at `{}`", base::cut(path, 200)));
    }
    if (found.route == nullptr) {
        auto answer = problem(405, fmt::format("`{}` cannot be called with {}; it knows {}",
                                               base::cut(path, 200), call.request.method, found.allowed));
        answer.headers.push_back({"Allow", found.allowed});
        co_return answer;
    }
    *called = {found.route->path, found.route->method};
    const auto role = role_of(context_, call.request);
    if (auto denied = denial(context_, found.route->access, role, !bearer_token(call.request).empty())) {
        co_return *std::move(denied);
    }
    auto parameters = parse_parameters(query);
    if (!parameters) {
        co_return problem(400, "the query is not percent-encoded correctly, or names a parameter twice");
    }
    call.query = *std::move(parameters);
    call.parameter = std::move(found.parameter);
    call.trusted = role >= Role::read;
    co_return co_await found.route->handler(&context_, std::move(call));
}

std::unique_ptr<http::Server> make_server(const boost::asio::any_io_executor& executor,
                                          http::ServerOptions options, Api* api) {
    options.body_bytes_max = body_bytes_max;
    options.refuse = [](int status, std::string sentence) { return problem(status, std::move(sentence)); };
    return std::make_unique<http::Server>(executor, std::move(options), [api](http::ServerRequest request) {
        return api->handle(std::move(request));
    });
}

}  // namespace web
