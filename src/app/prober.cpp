#include "app/prober.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/deadline.hpp"

namespace app {

namespace asio = boost::asio;

namespace {

asio::awaitable<boost::system::error_code> connect(asio::ip::tcp::endpoint endpoint) {
    boost::system::error_code error;
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    co_return error;
}

}  // namespace

asio::awaitable<base::Result<void>> Prober::probe(std::string address, fleet::Readiness readiness) {
    if (readiness.http) {
        co_return co_await probe_http(std::move(address), *readiness.http);
    }
    if (readiness.tcp) {
        co_return co_await probe_tcp(std::move(address), readiness.tcp->port);
    }
    co_return base::Result<void>{};
}

asio::awaitable<base::Result<void>> Prober::probe_http(std::string address, fleet::HttpProbe probe) {
    constexpr std::size_t body_bytes = std::size_t{1} << 20U;
    http::Request request{.method = "GET", .target = std::move(probe.path)};
    request.headers.push_back({"Connection", "close"});
    const auto answer =
        co_await client_.send({.host = std::move(address), .port = probe.port}, std::move(request),
                              {.connect = timeout_, .total = timeout_, .body_bytes = body_bytes});
    if (!answer) {
        co_return base::fail(answer.error().message);
    }
    if (answer->status < 200 || answer->status >= 400) {
        co_return base::fail("it answers with status " + std::to_string(answer->status));
    }
    co_return base::Result<void>{};
}

asio::awaitable<base::Result<void>> Prober::probe_tcp(std::string address, std::uint16_t port) {
    boost::system::error_code error;
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
    if (!error) {
        error = co_await http::with_deadline(std::chrono::steady_clock::now() + timeout_, connect(endpoint));
    }
    if (error) {
        co_return base::fail("port " + std::to_string(port) + ": " + error.message());
    }
    co_return base::Result<void>{};
}

}  // namespace app
