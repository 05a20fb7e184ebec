#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/url.hpp"

namespace http {

/// A proxy that is reached over plain HTTP.
struct Proxy {
    Origin origin;
    std::string authorization;  ///< value of Proxy-Authorization; empty: none
};

/// Reads `http://[user:password@]host[:port]`; `http://` may be missing, as curl and the AWS SDKs allow. The
/// error never shows the password.
base::Result<Proxy> parse_proxy(std::string_view text);

/// Whether NO_PROXY's list (comma-separated hosts, `.domain` or `domain` suffixes, `*`) names this host.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host);

}  // namespace http
