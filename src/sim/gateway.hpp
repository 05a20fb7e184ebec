#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "http/server.hpp"
#include "sim/cloud.hpp"
#include "sim/limits.hpp"
#include "sim/sqs_api.hpp"

namespace sim {

/// The AWS port: every API call passes here, is told apart by its protocol, checked for its signature,
/// answered and logged, unless a fault strikes it. The control API under /_sim/ shares the port.
class Gateway {
  public:
    /// `base_url` is read when a queue's URL is written: it may be filled in once the port is known.
    Gateway(Cloud& cloud, const base::Clock& clock, const std::string& base_url);

    boost::asio::awaitable<http::Response> handle(http::ServerRequest request);

    std::string queue_url(const std::string& queue) const { return sqs_.url(queue); }

  private:
    boost::asio::awaitable<http::Response> call_aws(http::ServerRequest request);
    /// What befalls the call: a limit that it exceeds, or a fault.
    std::optional<Strike> strike(Service service, const std::string& operation);
    /// The answer to a call that reaches its service.
    boost::asio::awaitable<http::Response> take(http::ServerRequest request, Service service);
    /// The answer instead of taking the call, when the fault that struck is one that comes before.
    std::optional<http::Response> turn_away(const Strike& strike, const http::Request& request,
                                            Service service);

    Cloud& cloud_;
    const base::Clock& clock_;
    SqsApi sqs_;
    Limits limits_;
};

}  // namespace sim
