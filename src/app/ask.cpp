#include "app/ask.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include "http/client.hpp"

namespace app {

namespace asio = boost::asio;

namespace {

// Less than the time-out of the image's health check, so that its log has our sentence.
constexpr http::CallLimits limits{.connect = std::chrono::seconds{2},
                                  .total = std::chrono::seconds{4},
                                  .header_bytes = 16uz * 1024,
                                  .body_bytes = 1024uz * 1024};

asio::awaitable<base::Result<http::Response>> ask(http::Client* client, http::Origin origin,
                                                  http::Request request) {
    auto answer = co_await client->send(std::move(origin), std::move(request), limits);
    if (!answer) {
        co_return base::fail(answer.error().message);
    }
    co_return *std::move(answer);
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

base::Result<http::Response> ask_manager(const Config& config, http::Request request) {
    const http::Origin origin{.tls = !config.tls_certificate.empty(),
                              .host = address_to_ask(config.listen_address()),
                              .port = config.listen_port()};
    asio::io_context io(1);
    // The certificate is for the name that others use, and this host's own server is asked.
    http::Client client(io.get_executor(), {.unverified_host = origin.host});
    base::Result<http::Response> said = base::fail("no answer");
    asio::co_spawn(io, ask(&client, origin, std::move(request)),
                   [&said](const std::exception_ptr& failure, base::Result<http::Response> answer) {
                       if (failure) {
                           std::rethrow_exception(failure);
                       }
                       said = std::move(answer);
                   });
    io.run();
    return said;
}

}  // namespace app
