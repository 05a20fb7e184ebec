#include "app/program.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <iostream>

#include "base/log.hpp"
#include "manager/cancellation.hpp"
#include "manager/pause.hpp"
#include "manager/store_watch.hpp"

namespace app {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

constexpr base::Duration end_grace = std::chrono::seconds{5};
constexpr base::Duration start_pause_max = std::chrono::seconds{30};
/// A new key or policy takes seconds to spread: only what is refused so often in a row is a mistake.
constexpr int mistakes_max = 3;
/// Without a look at what is there, a manager that is needed begins all the same.
constexpr int adoption_looks = 3;
constexpr base::Duration adoption_pause = std::chrono::seconds{1};

}  // namespace

Program::Program(asio::io_context& io, const Config& config, std::string_view version, AwsAccess& aws,
                 store::Store& store)
    : io_(io),
      config_(config),
      aws_(aws),
      store_(store),
      settings_(config.manager),
      tasks_(
          io.get_executor(),
          [](std::string reason) { log::write(log::Level::critical, "task_failed", {{"reason", reason}}); }),
      manager_metrics_(registry_),
      aws_metrics_(registry_),
      program_metrics_(registry_, version),
      probe_http_(io.get_executor(), {}),
      prober_(probe_http_, config.manager.probe_timeout) {
    settings_.rules.key = store.key();
    manager_metrics_.unreadable_records(store.quarantined().size());
}

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
    settings_.policy.watching_since = clock_.now();
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
    const auto tell_queue = [this](std::string body) { return publish(std::move(body)); };
    actions_ = std::make_unique<manager::Actions>(*desk_, aws_.ec2(), aws_.route53(), *publisher_, probe,
                                                  tell_queue, settings_);
    executor_ = std::make_unique<manager::Executor>(*desk_, *actions_, tasks_, heartbeats_, settings_,
                                                    manager_metrics_);
    desk_->on_change = [this](const fleet::Record& record) { executor_->consider(record); };
    desk_->on_erase = [this](const std::string& name) { executor_->forget(name); };
    intake_ = std::make_unique<manager::Intake>(aws_.sqs(), *desk_, tasks_, heartbeats_, settings_,
                                                manager_metrics_);
    sweeper_ = std::make_unique<manager::Sweeper>(*desk_, aws_.ec2(), aws_.route53(), *executor_, heartbeats_,
                                                  settings_, manager_metrics_);
    watcher_ = std::make_unique<manager::Watcher>(*desk_, *executor_, probe, tasks_, heartbeats_, settings_);
    if (const auto loaded = co_await executor_->load(); !loaded) {
        fatal_ = "the store cannot be read: " + loaded.error().message;
        signals_->cancel();
        co_return;
    }
    co_await adopt();
    tasks_.spawn(warn_of_permissions());
    tasks_.spawn(watch("storage", manager::watch_store(&store_, &clock_, &heartbeats_)));
    tasks_.spawn(watch("executor", executor_->run()));
    tasks_.spawn(watch("intake", intake_->run()));
    tasks_.spawn(watch("sweeper", sweeper_->run()));
    tasks_.spawn(watch("watcher", watcher_->run()));
    start_trouble_.reset();
    log::write(log::Level::info, "managing",
               {{"account", account->id}, {"region", settings_.region}, {"queue", account->queue_url}});
}

/// A copy of the store that is older than the fleet must not launch again what is there.
asio::awaitable<void> Program::adopt() {
    const auto pools =
        co_await store_.read([](const store::ReadTransaction& transaction) { return transaction.pools(); });
    for (const auto& health : pools.value_or(std::vector<fleet::PoolHealth>{})) {
        manager_metrics_.pool(health);
    }
    for (int look = 0; look < adoption_looks && !co_await sweeper_->adopt(); ++look) {
        co_await manager::sleep(adoption_pause);
    }
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

}  // namespace app
