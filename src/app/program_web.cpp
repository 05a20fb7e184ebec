#include <prometheus/text_serializer.h>

#include "app/program.hpp"
#include "base/log.hpp"
#include "web/from_store.hpp"

/// The program's part that the web endpoint needs: the server, and what it is told of the other rooms.
namespace app {

namespace asio = boost::asio;
namespace log = base::log;

base::Result<void> Program::start_web() {
    web::ApiOptions options{.metrics_open = config_.metrics_open};
    if (!config_.tokens_file.empty()) {
        auto tokens = web::Tokens::load(config_.tokens_file);
        if (!tokens) {
            return std::unexpected(tokens.error());
        }
        options.tokens = std::move(*tokens);
    }
    const web::Exposure exposure{.address = config_.listen_address(),
                                 .tokens = !options.tokens.empty(),
                                 .tls = !config_.tls_certificate.empty(),
                                 .insecure = config_.insecure};
    if (auto allowed = web::check_exposure(exposure); !allowed) {
        return allowed;
    }
    api_ = std::make_unique<web::Api>(backend(), std::move(options));
    http::ServerOptions server{.address = config_.listen_address(),
                               .port = config_.listen_port(),
                               .certificate_file = config_.tls_certificate,
                               .key_file = config_.tls_key};
    server.on_error = [](std::string reason) {
        log::write(log::Level::error, "web_failed", {{"reason", reason}});
    };
    server_ = web::make_server(io_.get_executor(), std::move(server), api_.get());
    if (const auto port = server_->start(); !port) {
        return std::unexpected(port.error());
    }
    log::write(log::Level::info, "listening", {{"address", config_.listen}});
    return {};
}

asio::awaitable<base::Result<void>> Program::publish(std::string body) {
    if (settings_.queue_url.empty()) {
        co_return base::fail("the queue is not known yet: " + start_trouble_.value_or(""));
    }
    // A second copy is known by its command's uid.
    const auto sent = co_await aws_.sqs().send_message(
        {.queue_url = settings_.queue_url, .body = std::move(body), .repeatable = true},
        {.deadline = aws::Deadline::in(settings_.call_timeout)});
    if (!sent) {
        co_return base::fail(aws::describe(sent.error()));
    }
    co_return base::Result<void>{};
}

std::vector<fleet::Forecast> Program::forecast() const {
    return executor_ ? executor_->forecast() : std::vector<fleet::Forecast>{};
}

web::Backend Program::backend() {
    web::Backend backend;
    web::read_from(&store_, &backend);
    backend.command_key = store_.key();
    backend.publish = [this](std::string body) { return publish(std::move(body)); };
    backend.health = [this] {
        web::Checks checks;
        for (const auto& [loop, reason] : broken_) {
            checks.push_back({loop, reason});
        }
        for (const auto& loop : heartbeats_.late(clock_.now())) {
            checks.push_back({loop, "has not come round in time"});
        }
        return checks;
    };
    backend.readiness = [this] {
        web::Checks checks;
        checks.push_back({"start", start_trouble_.value_or("")});
        checks.push_back({"queue", intake_ ? intake_->trouble().value_or("") : ""});
        checks.push_back({"store", store_.statistics().writable ? "" : "cannot be written"});
        checks.push_back({"credentials", credentials_trouble_});
        return checks;
    };
    backend.replacements = [this] { return forecast(); };
    backend.metrics = [this] {
        program_metrics_.observe(store_.statistics());
        program_metrics_.observe_process();
        manager_metrics_.pass(clock_.now());
        manager_metrics_.images().pass(clock_.now(), settings_.image_fresh_for);
        manager_metrics_.replacements(fleet::progress_of(forecast()));
        return prometheus::TextSerializer().Serialize(registry_.Collect());
    };
    backend.observe = [this](std::string_view route, std::string_view method, int status) {
        program_metrics_.web_call(route, method, status);
    };
    backend.log_error = [](std::string sentence) {
        log::write(log::Level::error, "web_failed", {{"reason", sentence}});
    };
    return backend;
}

}  // namespace app
