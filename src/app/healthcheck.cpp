#include "app/healthcheck.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <iostream>

#include "http/client.hpp"

namespace app {

namespace asio = boost::asio;

namespace {

// Less than the time-out of the image's health check, so that its log has our sentence.
constexpr http::CallLimits limits{.connect = std::chrono::seconds{2},
                                  .total = std::chrono::seconds{4},
                                  .header_bytes = 16uz * 1024,
                                  .body_bytes = 64uz * 1024};

/// Why the manager is not well; empty when it is.
asio::awaitable<std::string> ask(http::Client* client, http::Origin origin) {
    const auto answer = co_await client->send(std::move(origin), {.target = "/healthz"}, limits);
    if (!answer) {
        co_return answer.error().message;
    }
    co_return answer->status == 200
        ? ""
        : "/healthz answers " + std::to_string(answer->status) + ": " + answer->body;
}

}  // namespace

std::string address_to_ask(const std::string& address) {
    boost::system::error_code not_an_address;
    const auto listened = asio::ip::make_address(address, not_an_address);
    if (not_an_address || !listened.is_unspecified()) {
        return address;
    }
    return listened.is_v4() ? "127.0.0.1" : "::1";
}

int healthcheck(const Config& config) {
    const http::Origin origin{.tls = !config.tls_certificate.empty(),
                              .host = address_to_ask(config.listen_address()),
                              .port = config.listen_port()};
    asio::io_context io(1);
    // The certificate is for the name that others use, and no secret is sent to this host's own server.
    http::Client client(io.get_executor(), {.unverified_host = origin.host});
    std::string trouble = "no answer";
    asio::co_spawn(io, ask(&client, origin), [&trouble](const std::exception_ptr& failure, std::string said) {
        if (failure) {
            std::rethrow_exception(failure);
        }
        trouble = std::move(said);
    });
    io.run();
    if (!trouble.empty()) {
        std::cerr << "spot-manager: not healthy: " << trouble << '\n';
        return 1;
    }
    return 0;
}

}  // namespace app
