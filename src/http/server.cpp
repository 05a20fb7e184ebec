#include "http/server.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "base/text.hpp"
#include "http/deadline.hpp"
#include "http/outgoing.hpp"

namespace http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using boost::beast::flat_buffer;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t first_read_bytes = 4096;
constexpr std::size_t drained_bytes_max = 1024uz * 1024;
constexpr base::Duration drain_timeout = std::chrono::seconds{1};
constexpr base::Duration accept_pause = std::chrono::milliseconds{100};

using Parser = beast_http::request_parser<beast_http::string_body>;

template <class Stream>
asio::awaitable<error_code> read_first_bytes(Stream* stream, flat_buffer* buffer) {
    auto [error, bytes] = co_await stream->async_read_some(buffer->prepare(first_read_bytes), use_tuple);
    buffer->commit(bytes);
    co_return error;
}

template <class Stream>
asio::awaitable<error_code> read_request(Stream* stream, flat_buffer* buffer, Parser* parser) {
    auto [header_error, header_bytes] =
        co_await beast_http::async_read_header(*stream, *buffer, *parser, use_tuple);
    if (header_error) {
        co_return header_error;
    }
    if (base::equal_ignoring_case(std::string_view(parser->get()[beast_http::field::expect]),
                                  "100-continue")) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        auto [error, written] = co_await asio::async_write(*stream, asio::buffer(go_on), use_tuple);
        if (error) {
            co_return error;
        }
    }
    auto [error, bytes] = co_await beast_http::async_read(*stream, *buffer, *parser, use_tuple);
    co_return error;
}

template <class Stream>
asio::awaitable<error_code> write_response(Stream* stream, const Outgoing* outgoing, bool header_only) {
    beast_http::response_serializer<beast_http::string_body> serializer(*outgoing);
    if (header_only) {
        auto [error, bytes] = co_await beast_http::async_write_header(*stream, serializer, use_tuple);
        co_return error;
    }
    auto [error, bytes] = co_await beast_http::async_write(*stream, serializer, use_tuple);
    co_return error;
}

/// Takes what the caller is still sending: closing with unread bytes would reset the connection, and the
/// caller would lose the refusal before reading it.
asio::awaitable<error_code> drain(tcp::socket* socket) {
    error_code error;
    socket->shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 16 * 1024> scrap{};
    for (std::size_t total = 0; !error && total < drained_bytes_max;) {
        std::size_t bytes = 0;
        std::tie(error, bytes) = co_await socket->async_read_some(asio::buffer(scrap), use_tuple);
        total += bytes;
    }
    co_return error;
}

template <class Stream>
asio::awaitable<error_code> shake_hands(Stream* stream) {
    auto [error] = co_await stream->async_handshake(asio::ssl::stream_base::server, use_tuple);
    co_return error;
}

std::string text_of(asio::ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

/// Whether the other side has not closed the connection; looks, and takes nothing.
bool still_open(tcp::socket& socket) {
    char byte = 0;
    const auto bytes = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return bytes > 0 || (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

struct Session {
    explicit Session(tcp::socket accepted) : socket(std::move(accepted)) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        peer_address = text_of(socket.remote_endpoint(ignored).address());
        local_address = text_of(socket.local_endpoint(ignored).address());
    }

    void reset() {
        error_code ignored;
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
        socket.close(ignored);
    }

    tcp::socket socket;
    std::string peer_address;
    std::string local_address;
    bool waiting = true;  ///< between requests
    asio::cancellation_signal cancel;
};

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::any_io_executor server_executor, ServerOptions server_options, Handler server_handler)
        : executor(std::move(server_executor)),
          options(std::move(server_options)),
          handler(std::move(server_handler)),
          acceptor(executor),
          session_ended(executor) {}

    base::Result<std::uint16_t> open();
    void close();
    void cancel(bool waiting_only);
    void report(std::string sentence) const;
    Response refuse(int status, std::string sentence) const;
    asio::awaitable<Response> handle(ServerRequest call);

    static asio::awaitable<void> accept(std::shared_ptr<Impl> impl);
    static asio::awaitable<void> serve(std::shared_ptr<Impl> impl, std::shared_ptr<Session> session);
    template <class Stream>
    static asio::awaitable<void> converse(Impl* impl, Session* session, Stream* stream);

    asio::any_io_executor executor;
    ServerOptions options;
    Handler handler;
    std::optional<asio::ssl::context> tls;
    tcp::acceptor acceptor;
    std::set<std::shared_ptr<Session>> sessions;
    bool stopping = false;
    asio::steady_timer session_ended;  ///< cancelled whenever a session has ended
};

base::Result<std::uint16_t> Server::Impl::open() {
    std::string step;
    try {
        if (!options.certificate_file.empty()) {
            step = fmt::format("use the certificate chain {}", options.certificate_file);
            tls.emplace(asio::ssl::context::tls_server);
            SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
            tls->use_certificate_chain_file(options.certificate_file);
            step = fmt::format("use {} as the key of {}", options.key_file, options.certificate_file);
            tls->use_private_key_file(options.key_file, asio::ssl::context::pem);
        }
        step = fmt::format("listen on {} port {}", options.address, options.port);
        const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
        acceptor.open(endpoint.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        acceptor.bind(endpoint);
        acceptor.listen();
    } catch (const boost::system::system_error& error) {
        return base::fail(fmt::format("cannot {}: {}", step, error.code().message()));
    }
    return acceptor.local_endpoint().port();
}

void Server::Impl::close() {
    stopping = true;
    error_code ignored;
    acceptor.close(ignored);
}

void Server::Impl::cancel(bool waiting_only) {
    const auto now_open = sessions;
    for (const auto& session : now_open) {
        if (session->waiting || !waiting_only) {
            session->cancel.emit(asio::cancellation_type::terminal);
        }
    }
}

void Server::Impl::report(std::string sentence) const {
    if (options.on_error) {
        options.on_error(std::move(sentence));
    }
}

Response Server::Impl::refuse(int status, std::string sentence) const {
    if (options.refuse) {
        return options.refuse(status, std::move(sentence));
    }
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, sentence + "\n"};
}

asio::awaitable<Response> Server::Impl::handle(ServerRequest call) {
    const auto what = call.request.method + " " + call.request.target;
    std::string failure;
    try {
        co_return co_await handler(std::move(call));
    } catch (const std::exception& error) {
        failure = error.what();
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) {
        report(fmt::format("{} failed: {}", base::cut(what, 200), failure));
    }
    co_return refuse(500, "the server could not do this; its log says why");
}

asio::awaitable<void> Server::Impl::accept(std::shared_ptr<Impl> impl) {
    while (impl->acceptor.is_open()) {
        auto [error, socket] = co_await impl->acceptor.async_accept(use_tuple);
        if (!impl->acceptor.is_open()) {
            break;
        }
        if (error) {
            impl->report(fmt::format("accepting a connection failed: {}", error.message()));
            asio::steady_timer pause(impl->executor, accept_pause);
            co_await pause.async_wait(use_tuple);
            continue;
        }
        if (impl->sessions.size() >= impl->options.connections_max) {
            continue;
        }
        auto session = std::make_shared<Session>(std::move(socket));
        impl->sessions.insert(session);
        auto when_done = [impl, session](const std::exception_ptr&) {
            impl->sessions.erase(session);
            impl->session_ended.cancel();
        };
        asio::co_spawn(impl->executor, serve(impl, session),
                       asio::bind_cancellation_slot(session->cancel.slot(), std::move(when_done)));
    }
}

asio::awaitable<void> Server::Impl::serve(std::shared_ptr<Impl> impl, std::shared_ptr<Session> session) {
    if (!impl->tls) {
        co_await converse(impl.get(), session.get(), &session->socket);
        co_return;
    }
    asio::ssl::stream<tcp::socket&> stream(session->socket, *impl->tls);
    const auto deadline = steady_clock::now() + impl->options.read_timeout;
    if (!co_await with_deadline(deadline, shake_hands(&stream))) {
        co_await converse(impl.get(), session.get(), &stream);
    }
}

template <class Stream>
asio::awaitable<void> Server::Impl::converse(Impl* impl, Session* session, Stream* stream) {
    const auto& options = impl->options;
    flat_buffer buffer;
    auto patience = options.read_timeout;  // a new caller has a reason to speak
    for (bool keep_alive = true; keep_alive && !impl->stopping; patience = options.idle_timeout) {
        if (buffer.size() == 0) {
            session->waiting = true;
            if (co_await with_deadline(steady_clock::now() + patience, read_first_bytes(stream, &buffer))) {
                co_return;
            }
        }
        session->waiting = false;

        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
        parser.body_limit(options.body_bytes_max);
        const auto read_error = co_await with_deadline(steady_clock::now() + options.read_timeout,
                                                       read_request(stream, &buffer, &parser));
        Response response;
        unsigned version = 11;
        bool header_only = false;
        if (read_error) {
            auto [status, sentence] = refusal_of(read_error, options);
            if (status == 0) {
                co_return;
            }
            keep_alive = false;
            response = impl->refuse(status, std::move(sentence));
        } else {
            keep_alive = parser.keep_alive();
            auto message = parser.release();
            version = message.version();
            header_only = message.method() == beast_http::verb::head;
            ServerRequest call;
            call.peer_address = session->peer_address;
            call.local_address = session->local_address;
            call.caller_is_there = [session] { return still_open(session->socket); };
            call.request.method = message.method_string();
            call.request.target = message.target();
            for (const auto& field : message) {
                call.request.headers.push_back(
                    {std::string(field.name_string()), std::string(field.value())});
            }
            call.request.body = std::move(message.body());
            response = co_await impl->handle(std::move(call));
        }
        keep_alive = keep_alive && !impl->stopping;
        const auto sending = response.sending;
        if (sending == Sending::reset) {
            session->reset();
            co_return;
        }
        auto outgoing = make_outgoing(std::move(response), version, keep_alive);
        if (sending == Sending::cut) {
            outgoing.body().resize(outgoing.body().size() / 2);
        }
        if (co_await with_deadline(steady_clock::now() + options.write_timeout,
                                   write_response(stream, &outgoing, header_only))) {
            co_return;
        }
        keep_alive = keep_alive && sending == Sending::whole;
        if (read_error) {
            co_await with_deadline(steady_clock::now() + drain_timeout, drain(&session->socket));
        }
    }
}

Server::Server(asio::any_io_executor executor, ServerOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(handler))) {}

Server::~Server() {
    impl_->close();
    impl_->cancel(false);
}

base::Result<std::uint16_t> Server::start() {
    auto port = impl_->open();
    if (port) {
        asio::co_spawn(impl_->executor, Impl::accept(impl_), asio::detached);
    }
    return port;
}

asio::awaitable<void> Server::stop(base::Duration grace) {
    const auto impl = impl_;
    impl->close();
    impl->cancel(true);
    const auto deadline = steady_clock::now() + grace;
    while (!impl->sessions.empty() && steady_clock::now() < deadline) {
        impl->session_ended.expires_at(deadline);
        co_await impl->session_ended.async_wait(use_tuple);
    }
    impl->cancel(false);
    while (!impl->sessions.empty()) {
        impl->session_ended.expires_at(steady_clock::time_point::max());
        co_await impl->session_ended.async_wait(use_tuple);
    }
}

void Server::reset_connections(const std::string& local_address) {
    const auto now_open = impl_->sessions;
    for (const auto& session : now_open) {
        if (session->local_address == local_address) {
            session->cancel.emit(asio::cancellation_type::terminal);
            session->reset();
        }
    }
}

}  // namespace http
