#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <stdexcept>

#include "loopback.hpp"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Kind = http::TransportError::Kind;
using namespace std::chrono_literals;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

/// Answers with the body it got; a few paths misbehave.
asio::awaitable<http::Response> answer(http::ServerRequest call) {
    const auto& target = call.request.target;
    if (target == "/never") {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        co_await timer.async_wait(asio::use_awaitable);
    }
    if (target == "/slow") {
        asio::steady_timer timer(co_await asio::this_coro::executor, 50ms);
        co_await timer.async_wait(asio::use_awaitable);
    }
    if (target == "/throw") {
        throw std::runtime_error("broken on purpose");
    }
    if (target == "/empty") {
        co_return http::Response{204, {}, ""};
    }
    http::Response response{200, {{"X-Method", call.request.method}, {"X-Peer", call.peer_address}}, ""};
    response.headers.push_back({"X-Local", call.local_address});
    response.body = call.request.body;
    co_return response;
}

struct Fixture : Loopback {
    http::ServerOptions options;
    std::optional<http::Server> server;
    std::optional<http::Client> client;
    http::CallLimits limits;
    std::vector<std::string> errors;
    std::uint16_t port = 0;

    /// Starts both with the options as they are now.
    void start() {
        options.on_error = [this](std::string sentence) { errors.push_back(std::move(sentence)); };
        server.emplace(io.get_executor(), options, answer);
        port = server->start().value();
        client.emplace(io.get_executor(), http::ClientOptions{});
    }

    auto send(http::Request request) {
        return run(client->send({false, "127.0.0.1", port}, std::move(request), limits));
    }

    /// What the server says to these bytes until it closes.
    std::string say(std::string bytes) { return run(say_raw(port, std::move(bytes))); }

    static asio::awaitable<std::string> say_raw(std::uint16_t port, std::string bytes) {
        tcp::socket socket(co_await asio::this_coro::executor);
        co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
        std::string said;
        co_await asio::async_read(socket, asio::dynamic_buffer(said), use_tuple);
        co_return said;
    }
};

/// A server by hand: each connection gets the next of the given answers and is closed, though only when the
/// caller's next bytes are there if `after` says so.
asio::awaitable<void> serve_by_hand(tcp::acceptor* acceptor, std::vector<std::string> answers,
                                    int* connections) {
    for (const auto& text : answers) {
        auto socket = co_await acceptor->async_accept(asio::use_awaitable);
        ++*connections;
        std::string request;
        co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n",
                                        asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
    }
}

struct ByHand : Loopback {
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    http::Client client{io.get_executor(), {}};
    http::CallLimits limits;
    int connections = 0;

    void serve(std::vector<std::string> answers) {
        asio::co_spawn(io, serve_by_hand(&acceptor, std::move(answers), &connections), asio::detached);
    }
    auto get(const std::string& target = "/") {
        return run(client.send({false, "127.0.0.1", acceptor.local_endpoint().port()},
                               {"GET", target, {}, ""}, limits));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "http: a call goes there and back, and the connection is kept") {
    start();
    options.connections_max = 1;
    for (int i = 0; i < 3; ++i) {
        const auto response = send({"POST", "/echo?x=1", {{"X-Test", "1"}}, std::string(200'000, 'x')});
        REQUIRE_MESSAGE(response, response.error().message);
        CHECK(response->status == 200);
        CHECK(response->body == std::string(200'000, 'x'));
        CHECK(http::find_header(response->headers, "x-method") == "POST");
        CHECK(http::find_header(response->headers, "X-Peer") == "127.0.0.1");
        CHECK(http::find_header(response->headers, "Date")->ends_with(" GMT"));
    }
}

TEST_CASE_FIXTURE(Fixture, "http: sequential calls fit in one connection") {
    options.connections_max = 1;
    start();
    CHECK(send({"GET", "/", {}, ""}));
    CHECK(send({"GET", "/", {}, ""}));
    CHECK(send({"DELETE", "/empty", {}, ""})->status == 204);
    CHECK(send({"GET", "/", {}, ""}));
}

TEST_CASE_FIXTURE(Fixture, "http: HEAD has the header of GET and no body") {
    start();
    const auto response = send({"HEAD", "/", {}, ""});
    REQUIRE(response);
    CHECK(response->body.empty());
    CHECK(http::find_header(response->headers, "X-Method") == "HEAD");
    CHECK(send({"GET", "/", {}, ""}));
}

TEST_CASE_FIXTURE(Fixture, "http: the called address is told, for one listener on many addresses") {
    options.address = "0.0.0.0";
    start();
    const auto response = run(client->send({false, "127.0.9.9", port}, {"GET", "/", {}, ""}, limits));
    REQUIRE(response);
    CHECK(http::find_header(response->headers, "X-Local") == "127.0.9.9");
}

TEST_CASE_FIXTURE(Fixture, "http: an exception of the handler is a 500 and is reported, without its words") {
    start();
    const auto response = send({"GET", "/throw", {}, ""});
    REQUIRE(response);
    CHECK(response->status == 500);
    CHECK(response->body.find("on purpose") == std::string::npos);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0] == "GET /throw failed: broken on purpose");
}

TEST_CASE_FIXTURE(Fixture, "http: the server refuses what is too large or malformed, in the owner's words") {
    options.body_bytes_max = 1000;
    options.header_bytes_max = 1000;
    options.refuse = [](int status, const std::string& sentence) {
        return http::Response{status, {{"X-Refused", "yes"}}, sentence};
    };
    start();

    const auto large = send({"POST", "/", {}, std::string(1001, 'x')});
    REQUIRE_MESSAGE(large, large.error().message);
    CHECK(large->status == 413);
    CHECK(http::find_header(large->headers, "X-Refused") == "yes");
    CHECK(large->body == "the body is larger than 1000 bytes");

    CHECK(send({"GET", "/", {{"X-Long", std::string(2000, 'x')}}, ""})->status == 431);
    CHECK(say("this is no HTTP\r\n\r\n").starts_with("HTTP/1.1 400 "));
    CHECK(
        say(std::string("\x16\x03\x01\x02\x00\x01", 6) + std::string(600, 'z')).starts_with("HTTP/1.1 400 "));
    CHECK(say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5dc\r\n" +
              std::string(1500, 'x') + "\r\n0\r\n\r\n")
              .starts_with("HTTP/1.1 413 "));
    CHECK(send({"POST", "/", {}, std::string(1000, 'x')})->status == 200);
}

TEST_CASE_FIXTURE(Fixture, "http: a caller that waits for 100 Continue gets it") {
    start();
    const auto said =
        say("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: "
            "2\r\n\r\nhi");
    CHECK(said.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    CHECK(said.ends_with("\r\n\r\nhi"));
}

TEST_CASE_FIXTURE(Fixture, "http: pipelined requests are answered in order") {
    start();
    const auto said =
        say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\n2");
    const auto first = said.find("\r\n\r\n1");
    REQUIRE(first != std::string::npos);
    CHECK(said.find("\r\n\r\n2", first) != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "http: a request that does not end is refused, a silent caller is left") {
    options.read_timeout = 20ms;
    start();
    CHECK(say("GET / HTTP/1.1\r\nHos").starts_with("HTTP/1.1 408 "));
    CHECK(say("") == "");
}

TEST_CASE_FIXTURE(Fixture, "http: a call that takes too long is a timeout, and its effect is unknown") {
    start();
    limits.total = 20ms;
    const auto response = send({"GET", "/never", {}, ""});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == Kind::timeout);
    CHECK(response.error().sent);
    CHECK(response.error().message.find("did not answer within 20ms") != std::string::npos);
}

TEST_CASE("http: a refused connection is told as such") {
    Loopback loopback;
    tcp::acceptor taken(loopback.io, {asio::ip::address_v4::loopback(), 0});
    const auto port = taken.local_endpoint().port();
    taken.close();
    http::Client client(loopback.io.get_executor(), {});
    const auto response = loopback.run(client.send({false, "127.0.0.1", port}, {}, {}));
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == Kind::connect);
    CHECK_FALSE(response.error().sent);
    CHECK(response.error().message.find("Connection refused") != std::string::npos);
}

TEST_CASE("http: a port that is taken is told with its number") {
    Loopback loopback;
    tcp::acceptor taken(loopback.io, {asio::ip::address_v4::loopback(), 0});
    http::ServerOptions options;
    options.port = taken.local_endpoint().port();
    http::Server server(loopback.io.get_executor(), options, answer);
    const auto started = server.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().message.find(std::to_string(options.port)) != std::string::npos);
}

TEST_CASE_FIXTURE(ByHand, "http: an idle connection that the server closed is not used again") {
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    serve({ok, ok});
    CHECK(get()->body == "hi");
    CHECK(get()->body == "hi");
    CHECK(connections == 2);
}

TEST_CASE_FIXTURE(ByHand, "http: a connection that ends without an answer leaves the effect unknown") {
    serve({""});
    const auto response = get();
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == Kind::reset);
    CHECK(response.error().sent);
}

TEST_CASE_FIXTURE(ByHand, "http: a cut answer, a large one and one that is no HTTP are errors of their own") {
    limits.body_bytes = 100;
    limits.header_bytes = 200;
    serve({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi",
           "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
           "HTTP/1.1 200 OK\r\nX: " + std::string(300, 'x') + "\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n"});
    CHECK(get().error().kind == Kind::reset);
    CHECK(get().error().message.find("larger than allowed") != std::string::npos);
    CHECK(get().error().kind == Kind::protocol);
    CHECK(get().error().message.find("not HTTP") != std::string::npos);
}

TEST_CASE_FIXTURE(ByHand, "http: interim answers are skipped and an answer may end with its connection") {
    serve({"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end"});
    const auto response = get();
    REQUIRE_MESSAGE(response, response.error().message);
    CHECK(response->status == 200);
    CHECK(response->body == "until the end");
}

TEST_CASE_FIXTURE(ByHand, "http: a proxy gets whole URLs for http and refusing a tunnel is told") {
    http::ClientOptions options;
    options.http_proxy = "http://user:pass@127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    options.https_proxy = options.http_proxy;
    http::Client through(io.get_executor(), options);
    serve({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 403 Forbidden\r\n\r\n"});
    CHECK(run(through.send({false, "example.test", 80}, {}, limits))->status == 200);
    const auto refused = run(through.send({true, "example.test", 443}, {}, limits));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Kind::connect);
    CHECK(refused.error().message.find("403 Forbidden") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "http: connections beyond the cap are closed at once, and the others go on") {
    options.connections_max = 2;
    start();
    http::Client others[3] = {{io.get_executor(), {}}, {io.get_executor(), {}}, {io.get_executor(), {}}};
    int answered = 0;
    for (auto& other : others) {
        answered += run(other.send({false, "127.0.0.1", port}, {}, limits)) ? 1 : 0;
    }
    CHECK(answered == 2);
    CHECK(run(others[0].send({false, "127.0.0.1", port}, {}, limits)));
}

namespace {

asio::awaitable<void> keep_result(
    http::Client* client, std::uint16_t port, std::string target,
    std::optional<std::expected<http::Response, http::TransportError>>* result) {
    *result = co_await client->send({false, "127.0.0.1", port}, {"GET", target, {}, ""}, {});
}

/// Lets the loop run until the call is in the server's hands.
void start_call(Fixture& fixture, const std::string& target,
                std::optional<std::expected<http::Response, http::TransportError>>& result, int& begun) {
    const int before = begun;
    asio::co_spawn(fixture.io, keep_result(&*fixture.client, fixture.port, target, &result), asio::detached);
    fixture.io.restart();
    while (begun == before) {
        fixture.io.run_one();
    }
}

struct Stopping : Fixture {
    int begun = 0;
    std::optional<std::expected<http::Response, http::TransportError>> result;

    Stopping() {
        server.emplace(io.get_executor(), options, [this](http::ServerRequest call) {
            ++begun;
            return answer(std::move(call));
        });
        port = server->start().value();
        client.emplace(io.get_executor(), http::ClientOptions{});
    }
};

}  // namespace

TEST_CASE_FIXTURE(Stopping, "http: stop lets a call under way finish, and its connection ends") {
    start_call(*this, "/slow", result, begun);
    run(server->stop(10s));
    while (!result) {
        io.restart();
        io.run_one();
    }
    REQUIRE(*result);
    CHECK((*result)->status == 200);
    CHECK(http::find_header((*result)->headers, "Connection") == "close");
    CHECK_FALSE(send({"GET", "/", {}, ""}));
}

TEST_CASE_FIXTURE(Stopping, "http: stop ends what lasts longer than the grace") {
    start_call(*this, "/never", result, begun);
    run(server->stop(10ms));
    while (!result) {
        io.restart();
        io.run_one();
    }
    CHECK_FALSE(*result);
    CHECK(errors.empty());
}

TEST_CASE_FIXTURE(Stopping, "http: connections to an address can be reset") {
    start_call(*this, "/never", result, begun);
    server->reset_connections("127.0.0.2");
    CHECK_FALSE(result);
    server->reset_connections("127.0.0.1");
    while (!result) {
        io.restart();
        io.run_one();
    }
    REQUIRE_FALSE(*result);
    CHECK(result->error().kind == Kind::reset);
    CHECK(send({"GET", "/", {}, ""}));
}
