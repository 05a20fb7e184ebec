#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

namespace http {

/// A call as the server hands it on.
struct ServerRequest {
    Request request;
    std::string peer_address;   ///< who called
    std::string local_address;  ///< the address that was called: one listener may stand for many addresses
    /// False once the caller has closed the connection: a handler that has waited long asks before it gives
    /// away what cannot be given twice. To be asked only while the handler runs.
    std::function<bool()> caller_is_there;
};

/// Makes the response. An exception becomes a plain 500 and is reported to `on_error`.
using Handler = std::function<boost::asio::awaitable<Response>(ServerRequest)>;

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;        ///< 0: any free one
    std::string certificate_file;  ///< PEM chain; empty: plain HTTP
    std::string key_file;
    std::size_t header_bytes_max = 16uz * 1024;
    std::size_t body_bytes_max = 1024uz * 1024;
    std::size_t connections_max = 256;                        ///< further ones are closed at once
    base::Duration read_timeout = std::chrono::seconds{15};   ///< for one request to arrive
    base::Duration write_timeout = std::chrono::seconds{15};  ///< for one response to be taken
    base::Duration idle_timeout = std::chrono::seconds{60};   ///< between requests
    /// Turns the server's own refusals (400, 408, 413, 431) into a response; without it a plain text.
    std::function<Response(int status, std::string sentence)> refuse;
    std::function<void(std::string)> on_error;  ///< one sentence for the log
};

/// HTTP/1.1 server; a coroutine a connection, all ended by stop().
class Server {
  public:
    Server(boost::asio::any_io_executor executor, ServerOptions options, Handler handler);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds and begins to accept. The error names the address and the cause.
    base::Result<std::uint16_t> start();

    /// Accepts no more, lets calls under way finish for at most `grace`, then closes every connection.
    boost::asio::awaitable<void> stop(base::Duration grace);

    /// Closes the connections now open to `local_address`, as a machine that ends does.
    void reset_connections(const std::string& local_address);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace http
