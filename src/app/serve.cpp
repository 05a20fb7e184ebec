#include "app/serve.hpp"

#include <prometheus/text_serializer.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <map>

#include "app/aws_access.hpp"
#include "app/aws_metrics.hpp"
#include "app/prober.hpp"
#include "app/program_metrics.hpp"
#include "app/start_checks.hpp"
#include "manager/actions.hpp"
#include "manager/cancellation.hpp"
#include "manager/executor.hpp"
#include "manager/intake.hpp"
#include "manager/pause.hpp"
#include "manager/store_watch.hpp"
#include "manager/sweeper.hpp"
#include "web/api.hpp"
#include "web/from_store.hpp"

namespace app {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

constexpr base::Duration end_grace = std::chrono::seconds{5};
constexpr base::Duration start_pause_max = std::chrono::seconds{30};
/// A new key or policy takes seconds to spread: only what is refused so often in a row is a mistake.
constexpr int mistakes_max = 3;

void configure_log(const Config& config) {
    const auto level = std::array{"debug", "info", "warning", "error", "critical"};
    const auto found = std::ranges::find(level, config.log_level);
    const bool logfmt =
        config.log_format == "logfmt" || (config.log_format == "auto" && isatty(STDERR_FILENO) == 1);
    log::configure(static_cast<log::Level>(found - level.begin()),
                   logfmt ? log::Format::logfmt : log::Format::json);
}

/// Every part of the running program, in the order in which they are made.
class Program {
  public:
    Program(asio::io_context& io, const Config& config, std::string_view version, AwsAccess& aws,
            store::Store& store)
        : io_(io),
          config_(config),
          aws_(aws),
          store_(store),
          settings_(config.manager),
          tasks_(io.get_executor(),
                 [](std::string reason) {
                     log::write(log::Level::critical, "task_failed", {{"reason", reason}});
                 }),
          manager_metrics_(registry_),
          aws_metrics_(registry_),
          program_metrics_(registry_, version),
          probe_http_(io.get_executor(), {}),
          prober_(probe_http_, config.manager.probe_timeout) {
        settings_.rules.key = store.key();
        manager_metrics_.unreadable_records(store.quarantined().size());
    }

    /// Until a signal ends it. Gives the exit status.
    asio::awaitable<int> run();

  private:
    base::Result<void> start_web();
    void observe(const aws::AttemptReport& report);
    asio::awaitable<void> manage();
    asio::awaitable<void> watch(std::string loop, asio::awaitable<void> work);
    asio::awaitable<std::optional<Account>> find_account();
    asio::awaitable<void> warn_of_permissions();
    asio::awaitable<base::Result<void>> publish(std::string body);
    web::Backend backend();

    asio::io_context& io_;
    const Config& config_;
    AwsAccess& aws_;
    store::Store& store_;
    manager::Settings settings_;
    base::Clock clock_;
    base::TaskGroup tasks_;
    prometheus::Registry registry_;
    manager::Metrics manager_metrics_;
    AwsMetrics aws_metrics_;
    ProgramMetrics program_metrics_;
    manager::Heartbeats heartbeats_;
    std::map<std::string, std::string> broken_;  ///< loops that a fault of ours has ended, and which
    http::Client probe_http_;
    Prober prober_;
    std::unique_ptr<manager::Desk> desk_;
    std::unique_ptr<manager::DnsPublisher> publisher_;
    std::unique_ptr<manager::Actions> actions_;
    std::unique_ptr<manager::Executor> executor_;
    std::unique_ptr<manager::Intake> intake_;
    std::unique_ptr<manager::Sweeper> sweeper_;
    std::unique_ptr<web::Api> api_;
    std::unique_ptr<http::Server> server_;
    std::optional<std::string> start_trouble_ = "starting";
    std::optional<std::string> fatal_;
    std::string credentials_trouble_;  ///< as AWS last said; empty: they can be used
    std::unique_ptr<asio::signal_set> signals_;
};

asio::awaitable<int> Program::run() {
    signals_ = std::make_unique<asio::signal_set>(io_, SIGTERM, SIGINT);
    auto started = co_await aws_.open([this](const aws::AttemptReport& report) { observe(report); });
    if (started) {
        settings_.region = aws_.region();
        started = start_web();
    }
    if (!started) {
        std::cerr << "spot-manager: " << started.error().message << '\n';
        co_return 2;
    }
    tasks_.spawn(watch("start", manage()));
    boost::system::error_code ignored;
    co_await signals_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    log::write(log::Level::info, "ending");
    co_await server_->stop(end_grace);
    co_await tasks_.stop();
    aws_.close();
    if (fatal_) {
        std::cerr << "spot-manager: " << *fatal_ << '\n';
        co_return 2;
    }
    co_return 0;
}

void Program::observe(const aws::AttemptReport& report) {
    aws_metrics_.observe(report);
    if (!report.error) {
        credentials_trouble_.clear();
    } else if (report.error->kind == aws::ErrorClass::auth) {
        credentials_trouble_ = aws::describe(*report.error);
    }
}

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

asio::awaitable<std::optional<Account>> Program::find_account() {
    base::Duration pause = std::chrono::milliseconds{500};
    int mistakes = 0;
    while (true) {
        auto account = co_await check_account(&aws_.sts(), &aws_.sqs(), config_.queue, settings_.region,
                                              settings_.call_timeout);
        auto checked = account ? co_await check_reading(&aws_.ec2(), &aws_.route53(), settings_.call_timeout)
                               : std::unexpected(account.error());
        if (checked) {
            co_return *account;
        }
        const auto& failure = checked.error();
        log::write(log::Level::error, "start_check_failed", {{"reason", failure.reason}});
        start_trouble_ = failure.reason;
        mistakes = failure.mistake ? mistakes + 1 : 0;
        if (mistakes == mistakes_max) {
            co_return std::nullopt;
        }
        co_await manager::sleep(pause);
        pause = std::min(2 * pause, start_pause_max);
    }
}

asio::awaitable<void> Program::warn_of_permissions() {
    for (const auto& sentence : co_await check_writing(&aws_.ec2(), store_.id(), settings_.call_timeout)) {
        log::write(log::Level::warning, "permission_missing", {{"reason", sentence}});
    }
}

asio::awaitable<void> Program::manage() {
    const auto account = co_await find_account();
    if (!account) {
        fatal_ = start_trouble_;
        signals_->cancel();
        co_return;
    }
    settings_.queue_url = account->queue_url;
    settings_.rules.account = account->id;
    settings_.rules.region = settings_.region;
    if (settings_.rules.legacy_registrations) {
        log::write(log::Level::warning, "legacy_registrations",
                   {{"text", "unsigned registrations are taken from whoever may write to the queue"}});
    }
    desk_ = std::make_unique<manager::Desk>(store_, settings_, clock_, manager_metrics_);
    publisher_ = std::make_unique<manager::DnsPublisher>(*desk_, aws_.ec2(), aws_.route53(), tasks_,
                                                         heartbeats_, settings_);
    const auto probe = [this](std::string address, fleet::Readiness readiness) {
        return prober_.probe(std::move(address), std::move(readiness));
    };
    actions_ =
        std::make_unique<manager::Actions>(*desk_, aws_.ec2(), aws_.route53(), *publisher_, probe, settings_);
    executor_ = std::make_unique<manager::Executor>(*desk_, *actions_, tasks_, heartbeats_, settings_,
                                                    manager_metrics_);
    desk_->on_change = [this](const fleet::Record& record) { executor_->consider(record); };
    desk_->on_erase = [this](const std::string& name) { executor_->forget(name); };
    intake_ = std::make_unique<manager::Intake>(aws_.sqs(), *desk_, tasks_, heartbeats_, settings_,
                                                manager_metrics_);
    sweeper_ = std::make_unique<manager::Sweeper>(*desk_, aws_.ec2(), aws_.route53(), *executor_, heartbeats_,
                                                  settings_, manager_metrics_);
    if (const auto loaded = co_await executor_->load(); !loaded) {
        fatal_ = "the store cannot be read: " + loaded.error().message;
        signals_->cancel();
        co_return;
    }
    tasks_.spawn(warn_of_permissions());
    tasks_.spawn(watch("storage", manager::watch_store(&store_, &clock_, &heartbeats_)));
    tasks_.spawn(watch("executor", executor_->run()));
    tasks_.spawn(watch("intake", intake_->run()));
    tasks_.spawn(watch("sweeper", sweeper_->run()));
    start_trouble_.reset();
    log::write(log::Level::info, "managing",
               {{"account", account->id}, {"region", settings_.region}, {"queue", account->queue_url}});
}

/// A loop that is broken is said by /healthz at once.
asio::awaitable<void> Program::watch(std::string loop, asio::awaitable<void> work) {
    try {
        co_await std::move(work);
    } catch (const std::exception& exception) {
        if (manager::is_cancellation(exception)) {
            throw;
        }
        broken_[loop] = exception.what();
        log::write(log::Level::critical, "loop_broken", {{"loop", loop}, {"reason", exception.what()}});
    }
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
    backend.metrics = [this] {
        program_metrics_.observe(store_.statistics());
        program_metrics_.observe_process();
        manager_metrics_.names().pass(clock_.now());
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

}  // namespace

int serve(const Config& config, std::string_view version) {
    configure_log(config);
    // The system's look-ups of names cannot be interrupted: without this, a silent DNS server would hold up
    // the end for 10 s and more. What the user says goes before it.
    ::setenv("RES_OPTIONS", "timeout:1 attempts:2", 0);
    // One thread: everything on it is safe from everything else on it. It outlives the store, whose answers
    // go to it.
    asio::io_context io(1);
    const auto aws = AwsAccess::load(io.get_executor());
    if (!aws) {
        std::cerr << "spot-manager: " << aws.error().message << '\n';
        return 2;
    }
    auto store = store::Store::open(config.store);
    if (!store) {
        std::cerr << "spot-manager: " << store.error().message << '\n';
        return 2;
    }
    for (const auto& record : (*store)->quarantined()) {
        log::write(log::Level::error, "record_unreadable",
                   {{"name", record.name}, {"reason", record.reason}});
    }
    int status = 1;
    Program program(io, config, version, **aws, **store);
    asio::co_spawn(io, program.run(), [&status](const std::exception_ptr& failure, int result) {
        if (failure) {
            std::rethrow_exception(failure);
        }
        status = result;
    });
    io.run();
    return status;
}

}  // namespace app
