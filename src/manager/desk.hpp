#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "fleet/reception.hpp"
#include "manager/metrics.hpp"
#include "manager/settings.hpp"
#include "store/store.hpp"

namespace manager {

/// Facts about several names.
using NamedFacts = std::vector<std::pair<std::string, fleet::Fact>>;

/// The one place where anything is decided: takes work to the core inside one durable transaction, and tells
/// of its effects after the commit.
class Desk {
  public:
    /// Runs inside the transaction, maybe several times: it may touch only what it is given and owns.
    using Work = std::function<void(fleet::Reception&, fleet::Ledger&)>;

    /// All must outlive it.
    Desk(store::Store& store, const Settings& settings, const base::Clock& clock, Metrics& metrics);

    /// Commits the work; then logs, counts, and hands changed records to `on_change`, and
    /// names that are gone to `on_erase`. The error: nothing was
    /// committed.
    boost::asio::awaitable<base::Result<fleet::Effects>> run(Work work);

    /// run() for one fact about one name. False when it could not be committed.
    boost::asio::awaitable<bool> tell(std::string name, fleet::Fact fact);
    boost::asio::awaitable<bool> tell(std::string name, std::vector<fleet::Fact> facts);

    /// What came of telling much.
    struct Learned {
        bool all = true;  ///< it could be committed
        std::vector<fleet::JournalEntry> history;
    };
    /// In several transactions, so that each stays short.
    boost::asio::awaitable<Learned> learn(NamedFacts facts);

    /// Logs and counts the fate of a message. run() does it for those that it decided.
    void tell_of(const fleet::Receipt& receipt);

    std::function<void(const fleet::Record&)> on_change;
    std::function<void(const std::string& name)> on_erase;

    base::Time now() const { return clock_.now(); }
    const base::Clock& clock() const { return clock_; }
    store::Store& store() { return store_; }

  private:
    void tell_of(const fleet::Effects& effects);

    store::Store& store_;
    const Settings& settings_;
    const base::Clock& clock_;
    Metrics& metrics_;
};

}  // namespace manager
