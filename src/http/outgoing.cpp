#include "http/outgoing.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>
#include <ctime>

namespace http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;

namespace {

/// RFC 9110, 5.6.7.
std::string http_date() {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr)));
}

}  // namespace

Outgoing make_outgoing(Response response, unsigned version, bool keep_alive) {
    Outgoing outgoing;
    outgoing.version(version);
    outgoing.result(static_cast<unsigned>(response.status));
    for (const auto& header : response.headers) {
        outgoing.insert(header.name, header.value);
    }
    if (outgoing.find(beast_http::field::date) == outgoing.end()) {
        outgoing.set(beast_http::field::date, http_date());
    }
    const bool has_no_body = response.status < 200 || response.status == 204 || response.status == 304;
    if (!has_no_body) {
        outgoing.body() = std::move(response.body);
        outgoing.content_length(outgoing.body().size());
    }
    outgoing.keep_alive(keep_alive);
    return outgoing;
}

Refusal refusal_of(error_code error, const ServerOptions& options) {
    if (error == asio::error::timed_out) {
        return {408, fmt::format("the request did not arrive within {}",
                                 base::format_duration(options.read_timeout))};
    }
    if (error == beast_http::error::body_limit) {
        return {413, fmt::format("the body is larger than {} bytes", options.body_bytes_max)};
    }
    if (error == beast_http::error::header_limit) {
        return {431, fmt::format("the header is larger than {} bytes", options.header_bytes_max)};
    }
    const bool ended =
        error == beast_http::error::end_of_stream || error == beast_http::error::partial_message;
    if (!ended && error.category() == beast_http::make_error_code(beast_http::error::bad_field).category()) {
        return {400, fmt::format("the request is not HTTP/1.1: {}", error.message())};
    }
    return {0, ""};
}

}  // namespace http
