#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace http {

/// Why no complete response came.
struct TransportError {
    enum class Kind {
        connect,   ///< nothing was sent: resolve, connect or TLS set-up failed
        reset,     ///< the connection ended; see `sent`
        timeout,   ///< the deadline passed; see `sent`
        protocol,  ///< what came is not HTTP, or larger than allowed
    };
    Kind kind = Kind::connect;
    bool sent = false;         ///< the request may have reached the server: its effect is unknown
    bool certificate = false;  ///< the server's certificate was not accepted
    std::string message;       ///< a sentence with the cause
};

/// Limits of one call. Durations are counted from its start.
struct CallLimits {
    base::Duration connect = std::chrono::seconds{5};  ///< resolve, connect, TLS and proxy, together
    base::Duration total = std::chrono::seconds{30};
    std::size_t header_bytes = 64uz * 1024;
    std::size_t body_bytes = 16uz * 1024 * 1024;
};

/// How the client trusts and reaches servers.
struct ClientOptions {
    std::string ca_bundle;        ///< a PEM file used instead of the system's roots; empty: the system's
    std::string https_proxy;      ///< URL of a proxy for https (CONNECT); empty: none
    std::string http_proxy;       ///< URL of a proxy for http; empty: none
    std::string unverified_host;  ///< its certificate is not looked at: for asking this host's own server
    std::string no_proxy;         ///< NO_PROXY's list: hosts, domain suffixes, `*`
    std::size_t idle_connections_max = 16;               ///< kept for each origin
    base::Duration idle_for = std::chrono::seconds{20};  ///< an idle connection is not reused after that
};

/// HTTP/1.1 with keep-alive connections, one pool an origin; TLS 1.2+, verified, with SNI. Runs on one
/// executor; not for several threads. A request that failed on a reused connection before any byte of an
/// answer came is repeated once by itself on a new connection only when nothing can have been taken (its kind
/// says so upward).
class Client {
  public:
    /// Throws std::runtime_error with a sentence when the CA bundle or a proxy URL cannot be used.
    Client(boost::asio::any_io_executor executor, ClientOptions options);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Sends and reads the whole response. Cancellation ends the call and drops its connection.
    boost::asio::awaitable<std::expected<Response, TransportError>> send(Origin origin, Request request,
                                                                         CallLimits limits);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace http
