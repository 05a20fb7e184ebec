#include "manager/intake.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "manager/pause.hpp"

namespace manager {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

/// After a failure; doubles up to the second.
constexpr base::Duration pause_first = std::chrono::milliseconds{200};
constexpr base::Duration pause_max = std::chrono::seconds{20};
constexpr int deletes_max = 3;

fleet::Envelope envelope_of(const aws::Message& message, base::Time now) {
    return {.id = message.id,
            .body = message.body,
            .sender = message.sender_id,
            .sent = message.sent.value_or(now)};
}

}  // namespace

Intake::Intake(aws::Sqs& sqs, Desk& desk, Heartbeats& heartbeats, const Settings& settings)
    : sqs_(sqs), desk_(desk), heartbeats_(heartbeats), settings_(settings) {}

asio::awaitable<void> Intake::run() {
    base::Duration pause = pause_first;
    while (true) {
        heartbeats_.beat("intake", desk_.now(),
                         2 * (settings_.receive_wait + settings_.call_timeout) + pause_max);
        const auto received = co_await sqs_.receive_message(
            {.queue_url = settings_.queue_url, .wait = settings_.receive_wait},
            {.deadline = aws::Deadline::in(settings_.receive_wait + settings_.call_timeout)});
        std::optional<std::string> trouble;
        if (!received) {
            trouble = aws::describe(received.error());
        } else {
            const auto messages = received->messages.size();
            auto done = co_await decide(received->messages);
            if (done.size() < messages && !desk_.store().statistics().writable) {
                trouble = "the store cannot be written";
            }
            if (!done.empty()) {
                co_await remove(std::move(done));
            }
        }
        if (trouble) {
            // Said when it begins and when it changes, not at each turn.
            if (trouble != trouble_) {
                log::write(log::Level::error, "intake_failed", {{"reason", *trouble}});
            }
            co_await sleep(pause);
            pause = std::min(2 * pause, pause_max);
        } else {
            if (trouble_) {
                log::write(log::Level::info, "intake_recovered");
            }
            pause = pause_first;
        }
        trouble_ = std::move(trouble);
    }
}

asio::awaitable<std::vector<aws::DeleteEntry>> Intake::decide(std::vector<aws::Message> messages) {
    std::vector<aws::DeleteEntry> done;
    if (messages.empty()) {
        // Waiting messages become foreign though the queue is silent.
        co_await desk_.run([](fleet::Reception& reception, fleet::Ledger&) { reception.expire_unclaimed(); });
        co_return done;
    }
    const auto keep = [&](const std::vector<aws::Message>& decided, const fleet::Effects& effects) {
        for (const auto& message : decided) {
            const bool left = std::ranges::any_of(effects.receipts, [&](const fleet::Receipt& receipt) {
                return receipt.message == message.id && receipt.outcome == fleet::Outcome::left;
            });
            if (!left) {
                done.push_back({.id = std::to_string(done.size()), .receipt_handle = message.receipt_handle});
            }
        }
    };
    const auto together = co_await decide_together(messages);
    if (together) {
        keep(messages, *together);
        co_return done;
    }
    // One message may have spoilt it for all: each alone. What fails again stays in the queue.
    for (const auto& message : messages) {
        const std::vector<aws::Message> alone{message};
        if (const auto effects = co_await decide_together(alone)) {
            keep(alone, *effects);
        }
    }
    co_return done;
}

asio::awaitable<base::Result<fleet::Effects>> Intake::decide_together(std::vector<aws::Message> messages) {
    const auto now = desk_.now();
    co_return co_await desk_.run(
        [messages = std::move(messages), now](fleet::Reception& reception, fleet::Ledger&) {
            reception.expire_unclaimed();
            for (const auto& message : messages) {
                reception.receive(envelope_of(message, now));
            }
        });
}

asio::awaitable<void> Intake::remove(std::vector<aws::DeleteEntry> entries) {
    for (int tries = 0; tries < deletes_max && !entries.empty(); ++tries) {
        const auto answer =
            co_await sqs_.delete_message_batch({.queue_url = settings_.queue_url, .entries = entries},
                                               {.deadline = aws::Deadline::in(settings_.call_timeout)});
        if (!answer) {
            // They come again, and are told as duplicates.
            log::write(log::Level::warning, "delete_failed", {{"reason", aws::describe(answer.error())}});
            co_return;
        }
        std::erase_if(entries, [&](const aws::DeleteEntry& entry) {
            return std::ranges::none_of(answer->failed, [&](const aws::DeleteFailure& failure) {
                return failure.id == entry.id && !failure.sender_fault;
            });
        });
        for (const auto& failure : answer->failed) {
            log::write(log::Level::warning, "delete_failed",
                       {{"reason", failure.code + ": " + failure.message}});
        }
    }
}

}  // namespace manager
