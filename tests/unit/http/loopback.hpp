#pragma once

#include <doctest/doctest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "http/client.hpp"
#include "http/server.hpp"

/// One io_context for a server and its callers.
struct Loopback {
    boost::asio::io_context io;

    /// Runs the loop until `work` is done and returns its result.
    template <class T>
    T run(boost::asio::awaitable<T> work) {
        std::optional<T> result;
        std::exception_ptr failure;
        boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr thrown, T value) {
            failure = std::move(thrown);
            result.emplace(std::move(value));
            io.stop();
        });
        io.restart();
        io.run();
        if (failure) {
            std::rethrow_exception(failure);
        }
        return *std::move(result);
    }

    void run(boost::asio::awaitable<void> work) { run(with_value(std::move(work))); }

    http::Origin origin(http::Server& server, const std::string& host = "127.0.0.1", bool tls = false) {
        const auto port = server.start();
        REQUIRE_MESSAGE(port, port.error().message);
        return {tls, host, *port};
    }

  private:
    static boost::asio::awaitable<bool> with_value(boost::asio::awaitable<void> work) {
        co_await std::move(work);
        co_return true;
    }
};
