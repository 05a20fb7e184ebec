#include "http/url.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.hpp"

namespace http {

namespace {

std::uint16_t default_port(bool tls) {
    return tls ? 443 : 80;
}

}  // namespace

std::string host_header(const Origin& origin) {
    const bool is_ipv6 = origin.host.find(':') != std::string::npos;
    auto host = is_ipv6 ? "[" + origin.host + "]" : origin.host;
    return origin.port == default_port(origin.tls) ? host : fmt::format("{}:{}", host, origin.port);
}

base::Result<Url> parse_url(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return base::fail(fmt::format("`{}` {}", base::cut(text, 200), why));
    };
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed || (parsed->scheme_id() != boost::urls::scheme::http &&
                    parsed->scheme_id() != boost::urls::scheme::https)) {
        return refuse("is not an http or https URL, such as `https://host:8443/path`");
    }
    if (parsed->has_userinfo() || parsed->has_fragment()) {
        return refuse("has a user or a fragment, which a URL here cannot have");
    }
    if (parsed->encoded_host().empty()) {
        return refuse("names no host");
    }

    Url url;
    url.origin.tls = parsed->scheme_id() == boost::urls::scheme::https;
    url.origin.host = base::to_lower(parsed->host());
    if (url.origin.host.starts_with('[')) {
        url.origin.host = url.origin.host.substr(1, url.origin.host.size() - 2);
    }
    url.origin.port = default_port(url.origin.tls);
    if (!parsed->port().empty()) {
        const auto port = base::parse_number(parsed->port());
        if (!port || *port == 0 || *port > 65535) {
            return refuse("has a port that is not from 1 to 65535");
        }
        url.origin.port = static_cast<std::uint16_t>(*port);
    }
    const std::string_view path = parsed->encoded_path();
    url.target = path.empty() ? "/" : std::string(path);
    if (parsed->has_query()) {
        url.target += "?" + std::string(std::string_view(parsed->encoded_query()));
    }
    return url;
}

}  // namespace http
