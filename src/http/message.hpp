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

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
};

/// `Not Found` for 404, as RFC 9110 calls it.
std::string_view reason_phrase(int status);

}  // namespace http
