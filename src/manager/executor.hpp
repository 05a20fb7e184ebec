#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "fleet/forecast.hpp"
#include "fleet/pending.hpp"
#include "manager/actions.hpp"
#include "manager/desk.hpp"
#include "manager/heartbeat.hpp"
#include "manager/waiting.hpp"

namespace manager {

/// The newest committed record of each name.
using Records = std::map<std::string, std::shared_ptr<const fleet::Record>>;

/// Carries out what is pending: each action once at a time, the most urgent first, and looks at a record
/// again when its deadline comes. Holds the newest committed record of every name, and nothing else that must
/// survive.
class Executor {
  public:
    /// All must outlive it.
    Executor(Desk& desk, Actions& actions, base::TaskGroup& tasks, Heartbeats& heartbeats,
             const Settings& settings, Metrics& metrics);

    /// Takes in every record of the store, before the other loops begin; acts on nothing. The error: not all
    /// could be read.
    boost::asio::awaitable<base::Result<void>> load();

    /// Acts on what is pending and waits for deadlines, until it is cancelled.
    boost::asio::awaitable<void> run();

    /// A record as just committed.
    void consider(const fleet::Record& record);

    /// A name that is gone.
    void forget(const std::string& name);

    /// The newest committed record of each name.
    const Records& records() const { return records_; }

    /// The names that are, or are about to be, without a machine, and when their next ones are likely to be
    /// ready; the most urgent first.
    std::vector<fleet::Forecast> forecast() const;

  private:
    using Name = std::string;
    using Key = std::pair<Name, std::string>;

    void reconsider(const Name& name);
    bool may_begin(const fleet::Action& action) const;
    void serve_waiting();
    boost::asio::awaitable<void> serve(fleet::ActionKind kind);
    void begin(Work work);
    void count(const fleet::Action& action, int by);
    boost::asio::awaitable<ActionResult> perform(Work work);
    boost::asio::awaitable<void> carry_out(Work work);
    void wait_after_failure(const std::vector<Name>& names);
    void wake_at(const Name& name, std::optional<base::Time> when);
    boost::asio::awaitable<void> look_at_due();

    Desk& desk_;
    Actions& actions_;
    base::TaskGroup& tasks_;
    Heartbeats& heartbeats_;
    const Settings& settings_;
    Metrics& metrics_;

    Records records_;
    std::map<Name, fleet::Replacement> replacements_;
    std::map<Name, base::Time> deadlines_;
    std::set<std::pair<base::Time, Name>> by_deadline_;
    Waiting waiting_;
    std::set<fleet::ActionKind> served_;  ///< kinds whose waiting actions have a coroutine that begins them
    std::set<Key> under_way_;
    /// Of those under way: for names that are about to lose their machine or have lost it, and others.
    std::map<fleet::ActionKind, int> urgent_;
    std::map<fleet::ActionKind, int> ordinary_;
    int ordinary_all_ = 0;
    std::unique_ptr<boost::asio::steady_timer> timer_;

    /// After an action that could commit nothing.
    static constexpr base::Duration pause_first = std::chrono::seconds{1};
    base::Duration pause_ = pause_first;
};

}  // namespace manager
