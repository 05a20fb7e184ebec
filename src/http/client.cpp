#include "http/client.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "http/deadline.hpp"
#include "http/dial.hpp"
#include "http/proxy.hpp"
#include "http/resolver.hpp"

namespace http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

using Message = beast_http::request<beast_http::string_body>;

Message make_message(const Origin& origin, Request request, const Proxy* plain_proxy) {
    Message message;
    message.version(11);
    message.method_string(request.method);
    message.target(plain_proxy == nullptr ? request.target
                                          : "http://" + host_header(origin) + request.target);
    for (const auto& header : request.headers) {
        message.insert(header.name, header.value);
    }
    if (message.find(beast_http::field::host) == message.end()) {
        message.set(beast_http::field::host, host_header(origin));
    }
    if (plain_proxy != nullptr && !plain_proxy->authorization.empty()) {
        message.set(beast_http::field::proxy_authorization, plain_proxy->authorization);
    }
    const bool expects_body =
        request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (expects_body || !request.body.empty()) {
        message.content_length(request.body.size());
    }
    message.body() = std::move(request.body);
    return message;
}

/// One request on one connection, and what came of it.
struct Exchange {
    const Message* message = nullptr;
    CallLimits limits;
    std::size_t written = 0;
    bool reusable = false;
    Response response;
};

using Parser = beast_http::response_parser<beast_http::string_body>;

void take_response(Parser* parser, Response* response) {
    auto message = parser->release();
    response->status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        response->headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    response->body = std::move(message.body());
}

template <class Stream>
asio::awaitable<error_code> run_exchange(Stream* stream, boost::beast::flat_buffer* buffer,
                                         Exchange* exchange) {
    auto [write_error, written] = co_await beast_http::async_write(*stream, *exchange->message, use_tuple);
    exchange->written = written;
    if (write_error) {
        co_return write_error;
    }
    for (;;) {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(exchange->limits.header_bytes));
        parser.body_limit(exchange->limits.body_bytes);
        parser.skip(exchange->message->method() == beast_http::verb::head);
        auto [read_error, read] = co_await beast_http::async_read(*stream, *buffer, parser, use_tuple);
        if (read_error) {
            co_return read_error;
        }
        if (parser.get().result_int() < 200) {
            continue;  // an interim response, RFC 9110 15.2
        }
        exchange->reusable = parser.keep_alive() && buffer->size() == 0;
        take_response(&parser, &exchange->response);
        co_return error_code();
    }
}

asio::awaitable<error_code> run_exchange(Connection* connection, Exchange* exchange) {
    if (auto* tls = std::get_if<Connection::TlsStream>(&connection->stream)) {
        return run_exchange(tls, &connection->buffer, exchange);
    }
    return run_exchange(&std::get<Connection::Socket>(connection->stream), &connection->buffer, exchange);
}

TransportError dial_failure(const Dial& dial, error_code error, base::Duration limit) {
    if (error == asio::error::timed_out) {
        return {TransportError::Kind::timeout, false, false,
                fmt::format("{} took longer than {}", dial.step, base::format_duration(limit))};
    }
    return {TransportError::Kind::connect, false, dial.certificate,
            fmt::format("{} failed: {}", dial.step, dial.detail.empty() ? error.message() : dial.detail)};
}

TransportError exchange_failure(const Origin& origin, const Exchange& exchange, error_code error) {
    const bool sent = exchange.written > 0;
    const auto host = host_header(origin);
    if (error == asio::error::timed_out) {
        return {
            TransportError::Kind::timeout, sent, false,
            fmt::format("{} did not answer within {}", host, base::format_duration(exchange.limits.total))};
    }
    if (error == beast_http::error::header_limit || error == beast_http::error::body_limit) {
        return {TransportError::Kind::protocol, sent, false,
                fmt::format("the answer of {} is larger than allowed", host)};
    }
    const bool ended =
        error == beast_http::error::end_of_stream || error == beast_http::error::partial_message;
    if (!ended && error.category() == beast_http::make_error_code(beast_http::error::bad_field).category()) {
        return {TransportError::Kind::protocol, sent, false,
                fmt::format("the answer of {} is not HTTP: {}", host, error.message())};
    }
    return {
        TransportError::Kind::reset, sent, false,
        fmt::format("the connection to {} ended before the whole answer came: {}", host, error.message())};
}

asio::ssl::context make_tls(const std::string& ca_bundle) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.set_verify_mode(asio::ssl::verify_peer);
    error_code error;
    if (ca_bundle.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(ca_bundle, error);
    }
    if (error) {
        throw std::runtime_error(fmt::format("cannot read the CA bundle {}: {}", ca_bundle, error.message()));
    }
    return context;
}

std::optional<Proxy> make_proxy(const std::string& url) {
    if (url.empty()) {
        return std::nullopt;
    }
    auto proxy = parse_proxy(url);
    if (!proxy) {
        throw std::runtime_error(proxy.error().message);
    }
    return *std::move(proxy);
}

}  // namespace

struct Client::Impl {
    struct Idle {
        std::unique_ptr<Connection> connection;
        steady_clock::time_point since;
    };

    Impl(asio::any_io_executor executor, ClientOptions client_options)
        : options(std::move(client_options)),
          tls(make_tls(options.ca_bundle)),
          resolver(std::move(executor)),
          http_proxy(make_proxy(options.http_proxy)),
          https_proxy(make_proxy(options.https_proxy)) {}

    const Proxy* proxy_for(const Origin& origin) const {
        const auto& proxy = origin.tls ? https_proxy : http_proxy;
        return proxy && !bypasses_proxy(options.no_proxy, origin.host) ? &*proxy : nullptr;
    }

    /// The connection used last, if one is still good.
    std::unique_ptr<Connection> take(const Origin& origin) {
        auto& kept = idle[origin];
        const auto oldest = steady_clock::now() - options.idle_for;
        while (!kept.empty()) {
            auto last = std::move(kept.back());
            kept.pop_back();
            if (last.since >= oldest && !last.connection->is_stale()) {
                return std::move(last.connection);
            }
        }
        return nullptr;
    }

    void keep(const Origin& origin, std::unique_ptr<Connection> connection) {
        auto& kept = idle[origin];
        const auto oldest = steady_clock::now() - options.idle_for;
        std::erase_if(kept, [&](const Idle& one) { return one.since < oldest; });
        if (kept.size() < options.idle_connections_max) {
            kept.push_back({std::move(connection), steady_clock::now()});
        }
    }

    ClientOptions options;
    asio::ssl::context tls;
    Resolver resolver;
    std::optional<Proxy> http_proxy;
    std::optional<Proxy> https_proxy;
    std::map<Origin, std::vector<Idle>> idle;
};

Client::Client(asio::any_io_executor executor, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options))) {}

Client::~Client() = default;

asio::awaitable<std::expected<Response, TransportError>> Client::send(Origin origin, Request request,
                                                                      CallLimits limits) {
    const auto started = steady_clock::now();
    const Proxy* proxy = impl_->proxy_for(origin);
    const auto message = make_message(origin, std::move(request), origin.tls ? nullptr : proxy);

    auto connection = impl_->take(origin);
    bool reused = connection != nullptr;
    for (;;) {
        if (!connection) {
            Dial attempt;
            attempt.resolver = &impl_->resolver;
            attempt.tls = &impl_->tls;
            attempt.origin = origin;
            attempt.proxy = proxy;
            attempt.verify = origin.host != impl_->options.unverified_host;
            const auto limit = std::min(limits.connect, limits.total);
            if (auto error = co_await with_deadline(started + limit, dial(&attempt))) {
                co_return std::unexpected(dial_failure(attempt, error, limit));
            }
            connection = std::move(attempt.connection);
        }
        Exchange exchange;
        exchange.message = &message;
        exchange.limits = limits;
        const auto error =
            co_await with_deadline(started + limits.total, run_exchange(connection.get(), &exchange));
        if (!error) {
            if (exchange.reusable) {
                impl_->keep(origin, std::move(connection));
            }
            co_return std::move(exchange.response);
        }
        // Nothing left this machine: the idle connection had ended, and the request is as good as new.
        const bool never_began = reused && exchange.written == 0 && error != asio::error::timed_out &&
                                 error != asio::error::operation_aborted;
        if (!never_began) {
            co_return std::unexpected(exchange_failure(origin, exchange, error));
        }
        connection.reset();
        reused = false;
    }
}

}  // namespace http
