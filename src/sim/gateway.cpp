#include "sim/gateway.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "sim/authentication.hpp"
#include "sim/control_api.hpp"
#include "sim/ec2_api.hpp"
#include "sim/fault_answers.hpp"
#include "sim/ids.hpp"
#include "sim/route53_api.hpp"
#include "sim/sts_api.hpp"

namespace sim {

namespace asio = boost::asio;

namespace {

constexpr auto faults_of_calls = {
    FaultKind::throttle,      FaultKind::unavailable, FaultKind::expired_credentials,
    FaultKind::access_denied, FaultKind::error,       FaultKind::reset_before,
    FaultKind::delay,         FaultKind::reset_after, FaultKind::cut,
    FaultKind::oversized,     FaultKind::html,        FaultKind::close,
};

}  // namespace

Gateway::Gateway(Cloud& cloud, const base::Clock& clock, const std::string& base_url)
    : cloud_(cloud), clock_(clock), sqs_(cloud.timeline, clock, cloud.settings, cloud.queues, base_url) {}

asio::awaitable<http::Response> Gateway::handle(http::ServerRequest request) {
    cloud_.timeline.advance_to(clock_.now());
    if (request.request.target.starts_with("/_sim/")) {
        co_return answer_control(cloud_, request);
    }
    co_return co_await call_aws(std::move(request));
}

asio::awaitable<http::Response> Gateway::call_aws(http::ServerRequest request) {
    const auto service = service_of(request.request);
    const auto operation =
        service == Service::route53 ? route53_operation(request.request) : operation_of(request.request);
    const auto strike = this->strike(service, operation);
    http::Response response;
    if (auto turned_away = strike ? turn_away(*strike, request.request, service) : std::nullopt) {
        response = std::move(*turned_away);
    } else {
        if (strike && strike->kind == FaultKind::delay) {
            asio::steady_timer timer(co_await asio::this_coro::executor, strike->by);
            co_await timer.async_wait(asio::use_awaitable);
            cloud_.timeline.advance_to(clock_.now());
        }
        response = co_await take(std::move(request), service);
        if (strike) {
            response = spoil(std::move(response), strike->kind);
        }
    }
    const auto level = response.status < 400 ? spdlog::level::debug : spdlog::level::info;
    spdlog::log(level, "{} {}: {}{}", signing_name(service), operation, response.status,
                strike ? ", struck by " + std::string(name_of(strike->kind)) : "");
    co_return response;
}

std::optional<Strike> Gateway::strike(Service service, const std::string& operation) {
    if (cloud_.settings.keep_limits && !limits_.grant(service, operation, std::chrono::steady_clock::now())) {
        return Strike{.kind = FaultKind::throttle, .code = {}};
    }
    return cloud_.faults.strike(signing_name(service), operation, faults_of_calls);
}

asio::awaitable<http::Response> Gateway::take(http::ServerRequest request, Service service) {
    const auto principal = authenticate(request.request, service, cloud_.identities, cloud_.settings.region,
                                        cloud_.timeline.now());
    if (!principal) {
        co_return write_fault(service, principal.error(), uuid(), request.request);
    }
    Call call{.request = std::move(request.request),
              .principal = *principal,
              .request_id = uuid(),
              .caller_is_there = std::move(request.caller_is_there)};
    switch (service) {
        case Service::sqs:
            co_return co_await sqs_.answer(std::move(call));
        case Service::ec2:
            co_return answer_ec2(cloud_, call);
        case Service::route53:
            co_return answer_route53(cloud_, call);
        case Service::sts:
            break;
    }
    co_return answer_sts(cloud_.settings, call);
}

std::optional<http::Response> Gateway::turn_away(const Strike& strike, const http::Request& request,
                                                 Service service) {
    if (strike.kind == FaultKind::reset_before) {
        return http::Response{.status = 503, .headers = {}, .body = {}, .sending = http::Sending::reset};
    }
    auto refusal = refusal_of(strike, service);
    if (strike.kind == FaultKind::expired_credentials) {
        cloud_.identities.expire(access_key_of(request));
        refusal = sim::expired_credentials(service);
    }
    if (!refusal) {
        return std::nullopt;
    }
    return write_fault(service, *refusal, uuid(), request);
}

}  // namespace sim
