#include "sim/gateway.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "sim/authentication.hpp"
#include "sim/control_api.hpp"
#include "sim/ec2_api.hpp"
#include "sim/ids.hpp"
#include "sim/route53_api.hpp"
#include "sim/sts_api.hpp"

namespace sim {

namespace asio = boost::asio;

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
    const auto operation = operation_of(request.request);
    const auto principal = authenticate(request.request, service, cloud_.identities, cloud_.settings.region,
                                        cloud_.timeline.now());
    http::Response response;
    if (!principal) {
        response = write_fault(service, principal.error(), uuid(), request.request);
    } else {
        Call call{.request = std::move(request.request),
                  .principal = *principal,
                  .request_id = uuid(),
                  .caller_is_there = std::move(request.caller_is_there)};
        switch (service) {
            case Service::sqs:
                response = co_await sqs_.answer(std::move(call));
                break;
            case Service::ec2:
                response = answer_ec2(cloud_, call);
                break;
            case Service::route53:
                response = answer_route53(cloud_, call);
                break;
            case Service::sts:
                response = answer_sts(cloud_.settings, call);
                break;
        }
    }
    const auto level = response.status < 400 ? spdlog::level::debug : spdlog::level::info;
    spdlog::log(level, "{} {}: {}", signing_name(service), operation, response.status);
    co_return response;
}

}  // namespace sim
