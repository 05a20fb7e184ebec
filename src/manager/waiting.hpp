#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fleet/pending.hpp"

namespace manager {

/// An action that has not begun, and the record from which it was derived.
struct Work {
    std::shared_ptr<const fleet::Record> record;
    fleet::Action action;
};

/// What waits to be begun, by kind and the most urgent first. A name's part is replaced without a look at
/// that of others, so that a storm costs each name no more than a quiet day.
class Waiting {
  public:
    /// What waits for a name from now on. What waited before keeps its place among the equally urgent.
    void put(const std::string& name, std::vector<Work> works);

    /// The most urgent of a kind; null when none waits.
    const Work* first(fleet::ActionKind kind) const;
    /// Takes out what first() shows, which must be there.
    Work take(fleet::ActionKind kind);

    /// The kinds of which something waits, that with the most urgent first.
    std::vector<fleet::ActionKind> kinds() const;

    std::size_t size() const { return size_; }

  private:
    /// When it is needed, and in order of arrival.
    using Place = std::pair<base::Time, std::uint64_t>;
    struct Entry {
        fleet::ActionKind kind{};
        Place place;
    };
    using Entries = std::map<std::string, Entry>;  ///< by the action's key

    std::map<fleet::ActionKind, std::map<Place, Work>> by_kind_;  ///< none is empty
    std::map<std::string, Entries> of_name_;
    std::uint64_t arrivals_ = 0;
    std::size_t size_ = 0;
};

}  // namespace manager
