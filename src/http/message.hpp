#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

/// One header field. Names compare without case.
struct Header {
    std::string name;
    std::string value;
};

using Headers = std::vector<Header>;

/// The first field of that name, or nothing.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

/// An HTTP/1.1 call. `target` is path and query as on the wire; `Host` and `Content-Length` are added on
/// sending.
struct Request {
    std::string method = "GET";
    std::string target = "/";
    Headers headers;
    std::string body;
};

/// How a server sends a response. Whoever plays a faulty server wants other than whole.
enum class Sending {
    whole,
    cut,          ///< half of the body, then the connection is closed
    reset,        ///< none of it: the connection is reset
    close_after,  ///< whole; then the connection is closed, although the header did not say so
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    Sending sending = Sending::whole;
};

/// `Not Found` for 404, as RFC 9110 calls it.
std::string_view reason_phrase(int status);

}  // namespace http
