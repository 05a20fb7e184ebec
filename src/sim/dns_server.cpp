#include "sim/dns_server.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <set>
#include <utility>

namespace sim {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

namespace {
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t udp_size = 512;
constexpr std::size_t tcp_size = 65535;
constexpr std::size_t connections_max = 64;
constexpr int port_attempts = 20;
}  // namespace

struct DnsServer::Impl : std::enable_shared_from_this<Impl> {
    Impl(const asio::any_io_executor& executor, Answer make_answer)
        : answer(std::move(make_answer)), socket(executor), acceptor(executor) {}

    boost::system::error_code open(const asio::ip::address& address, std::uint16_t port);

    static asio::awaitable<void> serve_udp(std::shared_ptr<Impl> impl);
    static asio::awaitable<void> accept(std::shared_ptr<Impl> impl);
    static asio::awaitable<void> serve_tcp(std::shared_ptr<Impl> impl,
                                           std::shared_ptr<tcp::socket> connection);

    Answer answer;
    udp::socket socket;
    tcp::acceptor acceptor;
    std::set<std::shared_ptr<tcp::socket>> connections;
};

boost::system::error_code DnsServer::Impl::open(const asio::ip::address& address, std::uint16_t port) {
    try {
        const tcp::endpoint endpoint(address, port);
        acceptor.open(endpoint.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        acceptor.bind(endpoint);
        acceptor.listen();
        const udp::endpoint same(address, acceptor.local_endpoint().port());
        socket.open(same.protocol());
        socket.bind(same);
    } catch (const boost::system::system_error& error) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        socket.close(ignored);
        return error.code();
    }
    return {};
}

asio::awaitable<void> DnsServer::Impl::serve_udp(std::shared_ptr<Impl> impl) {
    std::array<char, 4096> buffer{};
    while (impl->socket.is_open()) {
        udp::endpoint peer;
        const auto [error, bytes] =
            co_await impl->socket.async_receive_from(asio::buffer(buffer), peer, use_tuple);
        if (error) {
            continue;
        }
        const auto reply = impl->answer(std::string(buffer.data(), bytes), udp_size);
        if (!reply.empty()) {
            co_await impl->socket.async_send_to(asio::buffer(reply), peer, use_tuple);
        }
    }
}

asio::awaitable<void> DnsServer::Impl::accept(std::shared_ptr<Impl> impl) {
    while (impl->acceptor.is_open()) {
        auto [error, accepted] = co_await impl->acceptor.async_accept(use_tuple);
        if (error || impl->connections.size() >= connections_max) {
            continue;
        }
        auto connection = std::make_shared<tcp::socket>(std::move(accepted));
        impl->connections.insert(connection);
        asio::co_spawn(impl->acceptor.get_executor(), serve_tcp(impl, connection), asio::detached);
    }
}

asio::awaitable<void> DnsServer::Impl::serve_tcp(std::shared_ptr<Impl> impl,
                                                 std::shared_ptr<tcp::socket> connection) {
    // Each message is preceded by its length in two bytes.
    std::array<unsigned char, 2> length{};
    for (;;) {
        auto [length_error, length_bytes] =
            co_await asio::async_read(*connection, asio::buffer(length), use_tuple);
        if (length_error) {
            break;
        }
        std::string query(length[0] * 256U + length[1], '\0');
        auto [error, bytes] = co_await asio::async_read(*connection, asio::buffer(query), use_tuple);
        const auto reply = error ? std::string() : impl->answer(query, tcp_size);
        if (reply.empty()) {
            break;
        }
        const std::string framed =
            std::string{static_cast<char>(reply.size() >> 8U), static_cast<char>(reply.size() & 0xFFU)} +
            reply;
        auto [write_error, written] =
            co_await asio::async_write(*connection, asio::buffer(framed), use_tuple);
        if (write_error) {
            break;
        }
    }
    impl->connections.erase(connection);
}

DnsServer::DnsServer(const asio::any_io_executor& executor, Answer answer)
    : impl_(std::make_shared<Impl>(executor, std::move(answer))) {}

DnsServer::~DnsServer() {
    stop();
}

base::Result<std::uint16_t> DnsServer::start(const std::string& address, std::uint16_t port) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) {
        return base::fail("cannot serve DNS on " + address + ": it is not an address");
    }
    // A port that is free for TCP may be taken for UDP: with any port allowed, try others.
    for (int attempt = 0; attempt < (port == 0 ? port_attempts : 1); ++attempt) {
        error = impl_->open(ip, port);
        if (!error) {
            asio::co_spawn(impl_->acceptor.get_executor(), Impl::serve_udp(impl_), asio::detached);
            asio::co_spawn(impl_->acceptor.get_executor(), Impl::accept(impl_), asio::detached);
            return impl_->acceptor.local_endpoint().port();
        }
    }
    return base::fail("cannot serve DNS on " + address + " port " + std::to_string(port) + ": " +
                      error.message());
}

void DnsServer::stop() {
    boost::system::error_code ignored;
    impl_->socket.close(ignored);
    impl_->acceptor.close(ignored);
    for (const auto& connection : impl_->connections) {
        connection->close(ignored);
    }
}

}  // namespace sim
