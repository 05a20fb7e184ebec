#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>

#include "loopback.hpp"

namespace {

namespace asio = boost::asio;
using Kind = http::TransportError::Kind;

/// A self-signed certificate for `localhost`, which is its own authority, in a folder of its own.
struct Certificate {
    Certificate() {
        std::string name = (std::filesystem::temp_directory_path() / "spot-manager-tls-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder = name;
        const auto command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
            "/CN=test "
            "-addext subjectAltName=DNS:localhost -keyout " +
            key() + " -out " + chain() + " 2>/dev/null";
        REQUIRE(std::system(command.c_str()) == 0);
    }
    ~Certificate() {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    std::string key() const { return folder / "key.pem"; }
    std::string chain() const { return folder / "chain.pem"; }

    std::filesystem::path folder;
};

asio::awaitable<http::Response> echo(http::ServerRequest call) {
    co_return http::Response{200, {}, std::move(call.request.body)};
}

struct Fixture : Loopback {
    Certificate certificate;
    http::Server server{io.get_executor(), server_options(), echo};
    std::uint16_t port = server.start().value();

    http::ServerOptions server_options() const {
        http::ServerOptions options;
        options.certificate_file = certificate.chain();
        options.key_file = certificate.key();
        return options;
    }

    auto post(const std::string& host, const std::string& ca_bundle) {
        http::ClientOptions options;
        options.ca_bundle = ca_bundle;
        http::Client client(io.get_executor(), options);
        return run(client.send({true, host, port}, {"POST", "/", {}, std::string(100'000, 'x')}, {}));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "tls: a certificate of the given authority is accepted") {
    const auto response = post("localhost", certificate.chain());
    REQUIRE_MESSAGE(response, response.error().message);
    CHECK(response->body.size() == 100'000);
}

TEST_CASE_FIXTURE(Fixture, "tls: an unknown authority is refused before anything is sent") {
    const auto response = post("localhost", "");
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == Kind::connect);
    CHECK(response.error().certificate);
    CHECK_FALSE(response.error().sent);
    CHECK(response.error().message.find("certificate was not accepted") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "tls: a certificate for another host is refused") {
    const auto response = post("127.0.0.1", certificate.chain());
    REQUIRE_FALSE(response);
    CHECK(response.error().certificate);
    CHECK(response.error().message.find("mismatch") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "tls: only the host that need not be verified is not") {
    http::ClientOptions options;
    options.unverified_host = "127.0.0.1";
    http::Client client(io.get_executor(), options);
    const auto own = run(client.send({true, "127.0.0.1", port}, {"POST", "/", {}, "hello"}, {}));
    REQUIRE_MESSAGE(own, own.error().message);
    CHECK(own->body == "hello");
    const auto other = run(client.send({true, "localhost", port}, {"POST", "/", {}, "hello"}, {}));
    REQUIRE_FALSE(other);
    CHECK(other.error().certificate);
    run(server.stop(std::chrono::seconds{5}));
}

TEST_CASE_FIXTURE(Fixture, "tls: connections are reused") {
    http::ClientOptions options;
    options.ca_bundle = certificate.chain();
    http::Client client(io.get_executor(), options);
    for (int i = 0; i < 3; ++i) {
        const auto response = run(client.send({true, "localhost", port}, {"POST", "/", {}, "hello"}, {}));
        REQUIRE_MESSAGE(response, response.error().message);
        CHECK(response->body == "hello");
    }
    run(server.stop(std::chrono::seconds{5}));
}

TEST_CASE("tls: files that cannot be used are named") {
    Loopback loopback;
    http::ServerOptions options;
    options.certificate_file = "/nonexistent/chain.pem";
    options.key_file = "/nonexistent/key.pem";
    http::Server server(loopback.io.get_executor(), options, echo);
    const auto started = server.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().message.find("/nonexistent/chain.pem") != std::string::npos);

    http::ClientOptions client_options;
    client_options.ca_bundle = "/nonexistent/ca.pem";
    CHECK_THROWS_WITH_AS(http::Client(loopback.io.get_executor(), client_options),
                         doctest::Contains("/nonexistent/ca.pem"), std::runtime_error);
}
