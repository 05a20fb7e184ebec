#include "manager/executor.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "manager/cancellation.hpp"

namespace manager {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

constexpr std::size_t names_a_page = 100;
constexpr base::Duration wake_at_least_every = std::chrono::seconds{5};
constexpr base::Duration pause_max = std::chrono::seconds{30};

std::vector<fleet::Record> read_page(const store::ReadTransaction& transaction, const std::string& after,
                                     std::string& last) {
    std::vector<fleet::Record> records;
    for (const auto& name : transaction.names(after, names_a_page)) {
        last = name;
        if (auto record = transaction.find(name); record && *record) {
            records.push_back(std::move(**record));
        }
    }
    return records;
}

log::Level level_of(const ActionResult& result) {
    if (!result.succeeded) {
        return log::Level::warning;
    }
    return result.learned ? log::Level::info : log::Level::debug;
}

}  // namespace

Executor::Executor(Desk& desk, Actions& actions, base::TaskGroup& tasks, Heartbeats& heartbeats,
                   const Settings& settings, Metrics& metrics)
    : desk_(desk),
      actions_(actions),
      tasks_(tasks),
      heartbeats_(heartbeats),
      settings_(settings),
      metrics_(metrics) {}

asio::awaitable<void> Executor::run() {
    timer_ = std::make_unique<asio::steady_timer>(co_await asio::this_coro::executor);
    serve_waiting();
    while (true) {
        const auto now = desk_.now();
        heartbeats_.beat("executor", now, 4 * wake_at_least_every + settings_.call_timeout);
        co_await look_at_due();
        auto wait = wake_at_least_every;
        if (!by_deadline_.empty()) {
            wait =
                std::clamp(by_deadline_.begin()->first - desk_.now(), base::Duration{1}, wake_at_least_every);
        }
        timer_->expires_after(wait);
        // An earlier deadline cancels the wait; our own cancellation is thrown at the next await.
        co_await timer_->async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

asio::awaitable<base::Result<void>> Executor::load() {
    std::string after;
    while (true) {
        const auto page = co_await desk_.store().read([after](const store::ReadTransaction& transaction) {
            std::string last;
            auto records = read_page(transaction, after, last);
            return std::pair{std::move(records), std::move(last)};
        });
        if (!page) {
            co_return std::unexpected(page.error());
        }
        if (page->second.empty()) {
            co_return base::Result<void>{};
        }
        for (const auto& record : page->first) {
            consider(record);
        }
        after = page->second;
    }
}

void Executor::consider(const fleet::Record& record) {
    auto& known = records_[record.name()];
    if (known && known->revision >= record.revision) {
        return;
    }
    metrics_.names().changed(known.get(), record, desk_.now());
    metrics_.images().changed(known.get(), record);
    known = std::make_shared<const fleet::Record>(record);
    if (auto replacement = fleet::replacement_of(record)) {
        replacements_.insert_or_assign(record.name(), std::move(*replacement));
    } else {
        replacements_.erase(record.name());
    }
    reconsider(record.name());
}

void Executor::forget(const Name& name) {
    const auto known = records_.find(name);
    if (known == records_.end()) {
        return;
    }
    metrics_.names().forgotten(*known->second, desk_.now());
    metrics_.images().forgotten(name);
    waiting_.put(name, {});
    wake_at(name, std::nullopt);
    replacements_.erase(name);
    records_.erase(known);
}

std::vector<fleet::Forecast> Executor::forecast() const {
    std::vector<fleet::Replacement> replacements;
    replacements.reserve(replacements_.size());
    for (const auto& [name, replacement] : replacements_) {
        replacements.push_back(replacement);
    }
    return fleet::forecast(std::move(replacements), actions_.paces(), desk_.now());
}

void Executor::reconsider(const Name& name) {
    const auto known = records_.find(name);
    if (known == records_.end()) {
        return;
    }
    const auto record = known->second;
    const auto now = desk_.now();
    std::vector<Work> works;
    for (auto& action : fleet::pending(*record, now, settings_.policy)) {
        if (!under_way_.contains({name, action.key})) {
            works.push_back({record, std::move(action)});
        }
    }
    // Instead of what waited: that was derived from an older record.
    waiting_.put(name, std::move(works));
    wake_at(name, fleet::deadline(*record, now, settings_.policy));
    serve_waiting();
}

/// A quarter of the places is kept for names that lose their machine: a notice does not wait behind slow
/// calls of others. And of what is not as urgent each kind has a quarter at most, of what is urgent a half:
/// calls that hang do not keep the machines that are ready from DNS.
bool Executor::may_begin(const fleet::Action& action) const {
    const auto all = static_cast<int>(settings_.actions_at_once);
    const auto of_kind = [&](const std::map<fleet::ActionKind, int>& under_way) {
        const auto found = under_way.find(action.kind);
        return found == under_way.end() ? 0 : found->second;
    };
    if (under_way_.size() >= settings_.actions_at_once) {
        return false;
    }
    return action.needed_by ? of_kind(urgent_) < std::max(all / 2, 1)
                            : ordinary_all_ < all - all / 4 && of_kind(ordinary_) < std::max(all / 4, 1);
}

void Executor::serve_waiting() {
    if (!timer_) {
        return;  // not before run()
    }
    for (const auto kind : waiting_.kinds()) {
        if (may_begin(waiting_.first(kind)->action) && served_.insert(kind).second) {
            tasks_.spawn(serve(kind));
        }
    }
    metrics_.actions(under_way_.size(), waiting_.size());
}

/// What goes next is decided when its turn under AWS's limits has come, and not before: whatever has become
/// the most urgent meanwhile, from the newest record.
asio::awaitable<void> Executor::serve(fleet::ActionKind kind) {
    const auto next = [&] {
        const auto* work = waiting_.first(kind);
        return work && may_begin(work->action) ? work : nullptr;
    };
    while (const auto* work = next()) {
        co_await actions_.turn(work->action);
        if (next()) {
            begin(waiting_.take(kind));
        }
    }
    served_.erase(kind);
}

void Executor::begin(Work work) {
    under_way_.insert({work.record->name(), work.action.key});
    count(work.action, 1);
    metrics_.actions(under_way_.size(), waiting_.size());
    tasks_.spawn(carry_out(std::move(work)));
}

void Executor::count(const fleet::Action& action, int by) {
    (action.needed_by ? urgent_ : ordinary_)[action.kind] += by;
    ordinary_all_ += action.needed_by ? 0 : by;
}

asio::awaitable<ActionResult> Executor::perform(Work work) {
    try {
        co_return co_await actions_.perform(work.record, work.action);
    } catch (const std::exception& exception) {
        if (is_cancellation(exception)) {
            throw;
        }
        // A fault of ours must not leave the action under way for ever.
        co_return ActionResult{.reason = exception.what()};
    }
}

asio::awaitable<void> Executor::carry_out(Work work) {
    const auto& action = work.action;
    const auto begun = desk_.now();
    const auto result = co_await perform(work);
    metrics_.action(action.kind, result.succeeded, desk_.now() - begun);
    log::write(level_of(result), "action",
               {{"kind", boost::describe::enum_to_string(action.kind, "?")},
                {"name", work.record->name()},
                {"machine", action.id.starts_with("i-") ? action.id : ""},
                {"key", action.key},
                {"outcome", result.succeeded ? "succeeded" : "failed"},
                {"reason", result.reason},
                {"duration_ms", std::to_string((desk_.now() - begun).count())}});
    const auto& name = work.record->name();
    under_way_.erase({name, action.key});
    count(action, -1);
    const auto known = records_.find(name);
    // What has changed nothing in the record would be begun again at once.
    if (known == records_.end() || known->second->uid != work.record->uid ||
        known->second->revision > work.record->revision) {
        pause_ = pause_first;
        reconsider(name);
    } else {
        wait_after_failure({name});
    }
    serve_waiting();
}

/// The pause grows while nothing can be committed.
void Executor::wait_after_failure(const std::vector<Name>& names) {
    for (const auto& name : names) {
        wake_at(name, desk_.now() + pause_);
    }
    pause_ = std::min(2 * pause_, pause_max);
}

void Executor::wake_at(const Name& name, std::optional<base::Time> when) {
    if (const auto known = deadlines_.find(name); known != deadlines_.end()) {
        by_deadline_.erase({known->second, name});
        deadlines_.erase(known);
    }
    if (!when) {
        return;
    }
    const bool sooner = by_deadline_.empty() || *when < by_deadline_.begin()->first;
    deadlines_[name] = *when;
    by_deadline_.insert({*when, name});
    if (sooner && timer_) {
        timer_->cancel();
    }
}

asio::awaitable<void> Executor::look_at_due() {
    std::vector<Name> due;
    const auto now = desk_.now();
    for (const auto& [when, name] : by_deadline_) {
        if (when > now) {
            break;
        }
        due.push_back(name);
    }
    if (due.empty()) {
        co_return;
    }
    for (const auto& name : due) {
        wake_at(name, std::nullopt);
    }
    const auto told = co_await desk_.run([due, now](fleet::Reception& reception, fleet::Ledger&) {
        for (const auto& name : due) {
            reception.tell(name, {now, fleet::TimePassed{}});
        }
    });
    if (!told) {
        wait_after_failure(due);
        co_return;
    }
    for (const auto& name : due) {
        reconsider(name);
    }
}

}  // namespace manager
