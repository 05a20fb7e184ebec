#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "fleet/pending.hpp"
#include "manager/actions.hpp"
#include "manager/desk.hpp"
#include "manager/heartbeat.hpp"

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

    /// Takes in every record of the store; before the other loops begin. The error: not all could be read.
    boost::asio::awaitable<base::Result<void>> load();

    /// Waits for deadlines, until it is cancelled.
    boost::asio::awaitable<void> run();

    /// A record as just committed.
    void consider(const fleet::Record& record);

    /// A name that is gone.
    void forget(const std::string& name);

    /// The newest committed record of each name.
    const Records& records() const { return records_; }

  private:
    using Name = std::string;
    using Key = std::pair<Name, std::string>;

    struct Waiting {
        std::shared_ptr<const fleet::Record> record;
        fleet::Action action;
    };

    void reconsider(const Name& name);
    bool may_begin(const fleet::Action& action) const;
    void start_waiting();
    boost::asio::awaitable<ActionResult> perform(Waiting work);
    boost::asio::awaitable<void> carry_out(Waiting work);
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
    std::map<Name, base::Time> deadlines_;
    std::set<std::pair<base::Time, Name>> by_deadline_;
    std::multimap<base::Time, Waiting> waiting_;  ///< by urgency
    std::set<Key> under_way_;
    std::size_t ordinary_ = 0;  ///< of those under way, for names that are not about to lose their machine
    std::map<fleet::ActionKind, std::size_t> ordinary_of_kind_;
    std::unique_ptr<boost::asio::steady_timer> timer_;

    /// After an action that could commit nothing.
    static constexpr base::Duration pause_first = std::chrono::seconds{1};
    base::Duration pause_ = pause_first;
};

}  // namespace manager
