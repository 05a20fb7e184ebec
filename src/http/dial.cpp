#include "http/dial.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

#include "base/text.hpp"

namespace http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t proxy_answer_bytes_max = 16uz * 1024;

asio::awaitable<error_code> connect(Dial* dial, tcp::socket* socket) {
    const Origin& to = dial->proxy != nullptr ? dial->proxy->origin : dial->origin;
    dial->step = fmt::format("resolving {}", to.host);
    std::vector<asio::ip::address> addresses;
    if (auto error = co_await dial->resolver->resolve(to.host, &addresses)) {
        co_return error;
    }
    error_code error = asio::error::host_not_found;
    for (const auto& address : addresses) {
        dial->step = fmt::format("connecting to {} port {}", address.to_string(), to.port);
        error_code ignored;
        socket->close(ignored);
        std::tie(error) = co_await socket->async_connect({address, to.port}, use_tuple);
        if (!error) {
            // Calls are small and wait for their answer: Nagle's delay would only add to them.
            socket->set_option(tcp::no_delay(true), ignored);
            break;
        }
    }
    co_return error;
}

/// RFC 9110, 9.3.6. The answer has no body; anything after its head would be the origin talking first.
asio::awaitable<error_code> ask_proxy(Dial* dial, tcp::socket* socket) {
    dial->step = fmt::format("asking the proxy {} for a tunnel", host_header(dial->proxy->origin));
    const bool is_ipv6 = dial->origin.host.find(':') != std::string::npos;
    const auto authority =
        fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), dial->origin.host, dial->origin.port);
    auto question = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
    if (!dial->proxy->authorization.empty()) {
        question += fmt::format("Proxy-Authorization: {}\r\n", dial->proxy->authorization);
    }
    question += "\r\n";
    auto [write_error, written] = co_await asio::async_write(*socket, asio::buffer(question), use_tuple);
    if (write_error) {
        co_return write_error;
    }
    std::string answer;
    auto [read_error, length] = co_await asio::async_read_until(
        *socket, asio::dynamic_buffer(answer, proxy_answer_bytes_max), "\r\n\r\n", use_tuple);
    if (read_error) {
        co_return read_error;
    }
    const auto status_line = base::split_once(answer, '\r').first;
    const auto status = base::split_once(status_line, ' ').second;
    if (!status_line.starts_with("HTTP/1.") || !status.starts_with('2') || length != answer.size()) {
        dial->detail = fmt::format("it answered `{}`", base::cut(status_line, 100));
        co_return asio::error::connection_refused;
    }
    co_return error_code();
}

/// The name that the certificate must carry; RFC 6066 forbids addresses as SNI.
void expect_host(SSL* ssl, const std::string& host) {
    error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address) {
        SSL_set_tlsext_host_name(ssl, host.c_str());
        SSL_set1_host(ssl, host.c_str());
    } else {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    }
}

asio::awaitable<error_code> shake_hands(Dial* dial, Connection::TlsStream* stream) {
    dial->step = fmt::format("TLS with {}", host_header(dial->origin));
    SSL* ssl = stream->native_handle();
    if (dial->verify) {
        expect_host(ssl, dial->origin.host);
    } else {
        SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
    }
    auto [error] = co_await stream->async_handshake(asio::ssl::stream_base::client, use_tuple);
    if (const auto verdict = SSL_get_verify_result(ssl); error && verdict != X509_V_OK) {
        dial->certificate = true;
        dial->detail = fmt::format("the server's certificate was not accepted ({})",
                                   X509_verify_cert_error_string(verdict));
    }
    co_return error;
}

}  // namespace

Connection::Socket& Connection::socket() {
    auto* tls = std::get_if<TlsStream>(&stream);
    return tls != nullptr ? tls->next_layer() : std::get<Socket>(stream);
}

bool Connection::is_stale() {
    char byte = 0;
    const auto received = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return received >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

asio::awaitable<error_code> dial(Dial* dial) {
    tcp::socket socket(co_await asio::this_coro::executor);
    if (auto error = co_await connect(dial, &socket)) {
        co_return error;
    }
    if (!dial->origin.tls) {
        dial->connection = std::make_unique<Connection>(std::move(socket));
        co_return error_code();
    }
    if (dial->proxy != nullptr) {
        if (auto error = co_await ask_proxy(dial, &socket)) {
            co_return error;
        }
    }
    auto connection = std::make_unique<Connection>(std::move(socket), *dial->tls);
    auto* stream = &std::get<Connection::TlsStream>(connection->stream);
    if (auto error = co_await shake_hands(dial, stream)) {
        co_return error;
    }
    dial->connection = std::move(connection);
    co_return error_code();
}

}  // namespace http
