#include "web/page.hpp"

#include <fmt/format.h>

#include "base/hash.hpp"
#include "web/texts.hpp"

namespace web {

namespace {

/// What stands in the page's only element of this name, as Content-Security-Policy names it (CSP 3, 2.3.1).
std::string hash_of(std::string_view element) {
    const auto opening = fmt::format("<{}>", element);
    const auto from = page_html.find(opening) + opening.size();
    const auto text = page_html.substr(from, page_html.find(fmt::format("</{}>", element)) - from);
    return fmt::format("'sha256-{}'", base::base64_encode(base::bytes(base::sha256(text))));
}

/// The page's own style and script, and calls of this server; nothing from elsewhere, and in nobody's frame.
std::string policy() {
    return fmt::format(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; base-uri "
        "'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        hash_of("style"), hash_of("script"));
}

}  // namespace

boost::asio::awaitable<http::Response> show_page(Context* /*context*/, Call /*call*/) {
    co_return http::Response{200,
                             {{"Content-Type", "text/html; charset=utf-8"},
                              {"Content-Security-Policy", policy()},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cache-Control", "no-cache"},
                              {"Vary", "Accept"}},
                             std::string(page_html)};
}

}  // namespace web
