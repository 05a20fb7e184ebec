#include "manager/intake.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "manager/pause.hpp"

namespace manager {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

/// After a failure; doubles up to the second, which is short since a notice may be waiting.
constexpr base::Duration pause_first = std::chrono::milliseconds{200};
constexpr base::Duration pause_max = std::chrono::seconds{5};
constexpr int deletes_max = 3;
constexpr int batch_max = 10;
/// A helper's poll, and one that is to show whether the queue can be read again: whole seconds, the fewest.
constexpr base::Duration short_wait = std::chrono::seconds{1};

fleet::Envelope envelope_of(const aws::Message& message, base::Time now) {
    return {.id = message.id,
            .body = message.body,
            .sender = message.sender_id,
            .sent = message.sent.value_or(now)};
}

}  // namespace

Intake::Intake(aws::Sqs& sqs, Desk& desk, base::TaskGroup& tasks, Heartbeats& heartbeats,
               const Settings& settings, Metrics& metrics)
    : sqs_(sqs), desk_(desk), tasks_(tasks), heartbeats_(heartbeats), settings_(settings), metrics_(metrics) {
    metrics_.receivers(1);
}

asio::awaitable<void> Intake::run() {
    base::Duration pause = pause_first;
    while (true) {
        heartbeats_.beat("intake", desk_.now(),
                         settings_.receive_wait + (1 + deletes_max) * settings_.call_timeout + pause_max);
        auto trouble = (co_await take_turn()).trouble;
        // Said when it begins and when it changes, not at each turn.
        if (trouble && trouble != trouble_) {
            log::write(log::Level::error, "intake_failed", {{"reason", *trouble}});
        }
        if (!trouble && trouble_) {
            log::write(log::Level::info, "intake_recovered");
        }
        trouble_ = std::move(trouble);
        if (trouble_) {
            co_await sleep(pause);
            pause = std::min(2 * pause, pause_max);
        } else {
            pause = pause_first;
        }
    }
}

asio::awaitable<Intake::Turn> Intake::take_turn() {
    if (trouble_) {
        // What is received and cannot be stored is counted by SQS and in the end pushed out of the queue.
        if (auto trouble = co_await store_trouble()) {
            co_return Turn{.trouble = std::move(trouble)};
        }
    }
    co_return co_await receive(trouble_ ? short_wait : settings_.receive_wait);
}

asio::awaitable<Intake::Turn> Intake::receive(base::Duration wait) {
    const auto received =
        co_await sqs_.receive_message({.queue_url = settings_.queue_url,
                                       .messages_max = batch_max,
                                       .wait = wait,
                                       .visibility = settings_.hidden_for},
                                      {.deadline = aws::Deadline::in(wait + settings_.call_timeout)});
    if (!received) {
        co_return Turn{.trouble = aws::describe(received.error())};
    }
    const bool full = received->messages.size() + received->damaged.size() >= batch_max;
    if (full) {
        call_help();
    }
    for (const auto& id : received->damaged) {
        log::write(log::Level::warning, "message_damaged", {{"message", id}});
    }
    auto decided = co_await decide(received->messages);
    if (!decided.done.empty()) {
        co_await remove(std::move(decided.done));
    }
    co_return Turn{.trouble = decided.trouble, .full = full && !decided.trouble};
}

void Intake::call_help() {
    if (1 + helpers_ < settings_.receivers_max) {
        metrics_.receivers(1 + ++helpers_);
        tasks_.spawn(help());
    }
}

/// While batches come full. What goes wrong is seen by the first receiver too, which says it and waits.
asio::awaitable<void> Intake::help() {
    while ((co_await receive(short_wait)).full) {
    }
    metrics_.receivers(1 + --helpers_);
}

/// Without messages too: those that wait become foreign though the queue is silent.
asio::awaitable<Intake::Decided> Intake::decide(std::vector<aws::Message> messages) {
    Decided decided;
    const auto keep = [&](const aws::Message& message, const fleet::Effects& effects) {
        const bool left = std::ranges::any_of(effects.receipts, [&](const fleet::Receipt& receipt) {
            return receipt.message == message.id && receipt.outcome == fleet::Outcome::left;
        });
        if (!left) {
            decided.done.push_back(
                {.id = std::to_string(decided.done.size()), .receipt_handle = message.receipt_handle});
        }
    };
    if (const auto together = co_await decide_together(messages)) {
        for (const auto& message : messages) {
            keep(message, *together);
        }
        co_return decided;
    }
    decided.trouble = co_await store_trouble();
    if (decided.trouble) {
        leave(messages, *decided.trouble);
        co_return decided;
    }
    // One message has spoilt it for all: each alone. What fails again stays in the queue.
    for (const auto& message : messages) {
        if (const auto effects = co_await decide_together({message})) {
            keep(message, *effects);
        } else {
            leave({message}, effects.error().message);
        }
    }
    co_return decided;
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

/// Whether the store can be written is known only by writing.
asio::awaitable<std::optional<std::string>> Intake::store_trouble() {
    const auto written = co_await desk_.store().write(
        [](store::WriteTransaction& transaction) { transaction.count("write_probes"); });
    co_return written ? std::nullopt
                      : std::optional("the store cannot be written: " + written.error().message);
}

void Intake::leave(const std::vector<aws::Message>& messages, const std::string& reason) {
    for (const auto& message : messages) {
        const auto read = fleet::parse_message(message.body);
        desk_.tell_of({.message = message.id,
                       .kind = read ? read->kind : read.error().kind,
                       .outcome = fleet::Outcome::left,
                       .event_id = read ? read->id : read.error().id,
                       .reason = reason});
    }
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
