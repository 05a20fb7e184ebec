#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <string>

#include "http/message.hpp"
#include "http/server.hpp"

namespace http {

/// A response as the server writes it.
using Outgoing = boost::beast::http::response<boost::beast::http::string_body>;

/// Adds Date, Content-Length and what HTTP/1.0 and 1.1 need to keep or end the connection.
Outgoing make_outgoing(Response response, unsigned version, bool keep_alive);

/// What to tell a caller whose request could not be read.
struct Refusal {
    int status = 0;  ///< 0: the caller is gone, there is nobody to tell
    std::string sentence;
};

Refusal refusal_of(boost::system::error_code error, const ServerOptions& options);

}  // namespace http
