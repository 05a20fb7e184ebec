#include "http/proxy.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"

namespace http {

base::Result<Proxy> parse_proxy(std::string_view text) {
    auto rest = base::trim(text);
    if (rest.find("://") != std::string_view::npos) {
        if (!base::equal_ignoring_case(rest.substr(0, 7), "http://")) {
            return base::fail("a proxy must be reached over http, as in `http://proxy.example.com:3128`");
        }
        rest.remove_prefix(7);
    }
    Proxy proxy;
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto credentials = base::percent_decode(rest.substr(0, at));
        if (!credentials) {
            return base::fail("the user or password of the proxy's URL is not percent-encoded correctly");
        }
        proxy.authorization = "Basic " + base::base64_encode(*credentials);
        rest.remove_prefix(at + 1);
    }
    auto url = parse_url("http://" + std::string(rest));
    if (!url) {
        return base::fail("the proxy's URL cannot be used: " + url.error().message);
    }
    proxy.origin = url->origin;
    return proxy;
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host) {
    for (auto entry : base::split(no_proxy, ',')) {
        entry = base::trim(entry);
        if (entry == "*") {
            return true;
        }
        if (entry.starts_with('.')) {
            entry.remove_prefix(1);
        }
        if (entry.empty() || host.size() < entry.size()) {
            continue;
        }
        const auto tail = host.substr(host.size() - entry.size());
        const bool whole_label = host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
        if (whole_label && base::equal_ignoring_case(tail, entry)) {
            return true;
        }
    }
    return false;
}

}  // namespace http
