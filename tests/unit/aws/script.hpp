#pragma once

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/transport.hpp"

/// Runs a coroutine to its end on an io_context of a test.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
    std::optional<T> result;
    boost::asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& failure, T value) {
        if (failure) {
            std::rethrow_exception(failure);
        }
        result = std::move(value);
    });
    io.restart();
    io.run();
    REQUIRE(result.has_value());
    return std::move(*result);
}

/// A transport that answers from a list and keeps what it was asked.
struct Script {
    using Answer = std::expected<http::Response, http::TransportError>;
    struct Asked {
        http::Origin origin;
        http::Request request;
        http::CallLimits limits;
    };

    std::deque<std::function<Answer(const http::Request&)>> answers;
    std::vector<Asked> asked;

    void then(int status, std::string body = {}, http::Headers headers = {}) {
        answers.push_back([=](const http::Request&) -> Answer {
            return http::Response{.status = status, .headers = headers, .body = body};
        });
    }

    void then_fail(http::TransportError::Kind kind, bool sent) {
        answers.push_back([=](const http::Request&) -> Answer {
            return std::unexpected(http::TransportError{kind, sent, false, "as the script says"});
        });
    }

    aws::Send send() {
        return [this](http::Origin origin, http::Request request, http::CallLimits limits) {
            return answer(std::move(origin), std::move(request), limits);
        };
    }

    boost::asio::awaitable<Answer> answer(http::Origin origin, http::Request request,
                                          http::CallLimits limits) {
        asked.push_back({std::move(origin), request, limits});
        if (answers.empty()) {
            co_return std::unexpected(http::TransportError{http::TransportError::Kind::connect, false, false,
                                                           "the script is over"});
        }
        const auto next = std::move(answers.front());
        answers.pop_front();
        co_return next(request);
    }
};
