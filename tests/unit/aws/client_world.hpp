#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aws/client.hpp"
#include "aws/credentials_cache.hpp"
#include "base/time.hpp"
#include "script.hpp"

inline std::string error_body(const std::string& code, const std::string& message = "x") {
    return "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message +
           "</Message></Error></Errors></Response>";
}

/// A client whose world is a script: no network, no jitter, a clock that stands still.
struct ClientWorld {
    boost::asio::io_context io;
    Script script;
    base::Time now = base::parse_time("2026-01-15T12:00:00Z").value();
    int key_number = 0;
    std::vector<aws::AttemptReport> reports;
    aws::Settings settings;
    std::shared_ptr<aws::CredentialsCache> credentials;
    std::unique_ptr<aws::Client> client;

    ClientWorld() { settings.region = "us-east-1"; }

    boost::asio::awaitable<aws::FoundCredentials> next_credentials() {
        ++key_number;
        co_return aws::Credentials{"KEY" + std::to_string(key_number), "secret", "token", {}};
    }

    void start() {
        const aws::CredentialsSource source{"test", [this] { return next_credentials(); }};
        const auto clock = [this] { return now; };
        credentials = std::make_shared<aws::CredentialsCache>(io.get_executor(), std::vector{source}, clock);
        client = aws::Client::make({.executor = io.get_executor(),
                                    .send = script.send(),
                                    .credentials = credentials,
                                    .wall_clock = clock,
                                    .random = [] { return 0.0; },
                                    .observe = [this](const auto& report) { reports.push_back(report); }},
                                   settings)
                     .value();
    }

    aws::Result<http::Response> call(aws::Call call, base::Duration time = std::chrono::seconds(30)) {
        if (!client) {
            start();
        }
        return run(io, client->call(std::move(call), {.deadline = aws::Deadline::in(time)}));
    }

    std::string header(std::size_t call, std::string_view name) const {
        return std::string(http::find_header(script.asked.at(call).request.headers, name).value_or(""));
    }
};
