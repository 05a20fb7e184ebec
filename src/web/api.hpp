#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string_view>

#include "http/server.hpp"
#include "web/call.hpp"

namespace web {

struct ApiOptions {
    Tokens tokens;  ///< none: every caller may do everything; see check_exposure()
    bool metrics_open = false;
};

/// What a call is counted as; of closed sets.
struct Called {
    std::string_view route = "none";
    std::string_view method = "other";
};

/// The HTTP API of proto/openapi.yaml. It must outlive the calls it answers.
class Api {
  public:
    Api(Backend backend, ApiOptions options);

    boost::asio::awaitable<http::Response> handle(http::ServerRequest call);

  private:
    /// Says what was called.
    boost::asio::awaitable<http::Response> answer(http::ServerRequest call, Called* called);

    Context context_;
};

/// A server for the API, not started yet: its refusals are problem documents, its bodies as large as a
/// registration can be.
std::unique_ptr<http::Server> make_server(const boost::asio::any_io_executor& executor,
                                          http::ServerOptions options, Api* api);

}  // namespace web
