#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace http {

/// Where a connection goes: scheme, host and port.
struct Origin {
    bool tls = false;
    std::string host;  ///< a name or an address; IPv6 without brackets
    std::uint16_t port = 80;

    bool operator==(const Origin&) const = default;
    auto operator<=>(const Origin&) const = default;
};

/// `host`, or `host:port` when the port is not the scheme's own; IPv6 in brackets. The value of the Host
/// header.
std::string host_header(const Origin& origin);

/// An absolute http or https URL without user or fragment.
struct Url {
    Origin origin;
    std::string target = "/";  ///< path and query as on the wire, at least "/"
};

/// Reads `http://host[:port][/path][?query]` or https. The error is a sentence that names the text.
base::Result<Url> parse_url(std::string_view text);

}  // namespace http
