#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <string>
#include <variant>

#include "http/proxy.hpp"
#include "http/resolver.hpp"
#include "http/url.hpp"

namespace http {

/// An open connection to an origin, plain or TLS, perhaps through a proxy.
struct Connection {
    using Socket = boost::asio::ip::tcp::socket;
    using TlsStream = boost::asio::ssl::stream<Socket>;

    std::variant<Socket, TlsStream> stream;
    boost::beast::flat_buffer buffer;  ///< what was read and not yet used

    explicit Connection(Socket socket) : stream(std::move(socket)) {}
    Connection(Socket socket, boost::asio::ssl::context& context)
        : stream(std::in_place_type<TlsStream>, std::move(socket), context) {}

    Socket& socket();

    /// Whether an idle connection has something to read: the server has closed it, or said what nobody
    /// asked for.
    bool is_stale();
};

/// One attempt to open a connection: the caller sets the first part and reads the second.
struct Dial {
    Resolver* resolver = nullptr;
    boost::asio::ssl::context* tls = nullptr;
    Origin origin;
    const Proxy* proxy = nullptr;
    bool verify = true;  ///< the server's certificate

    std::string step;          ///< what was being done, for the sentence of a failure: "resolving host"
    std::string detail;        ///< more about the failure than its code says; may be empty
    bool certificate = false;  ///< the server's certificate was not accepted
    std::unique_ptr<Connection> connection;
};

/// Resolves, connects, asks the proxy and shakes hands. Its time is the caller's to limit.
boost::asio::awaitable<boost::system::error_code> dial(Dial* dial);

}  // namespace http
