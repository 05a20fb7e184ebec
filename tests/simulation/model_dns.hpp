#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

/// Route 53 in memory: every write that took effect, and what resolvers may still hold.
namespace simulation {

using base::Duration;
using base::Time;

struct ModelWrite {
    std::string address;  ///< empty: the record was deleted
    Duration ttl{};
    Time at;
    Time in_sync_from;
    bool ours = true;
};

class ModelDns {
  public:
    /// Gives the change's id. `key`: the zone's id and the name, as in `Z1/lms-chen.example.com`.
    std::string upsert(const std::string& key, ModelWrite write);
    void remove(const std::string& key, Time now, Time in_sync_from);

    bool is_in_sync(const std::string& change, Time now) const { return changes_.at(change) <= now; }

    /// The record that stands now.
    std::optional<ModelWrite> standing(const std::string& key) const;

    /// Whether a record holds the address; `or_held`: or a resolver may still do.
    bool resolves(const std::string& address, Time now, bool or_held) const;

    /// Every write, in order, by key.
    const std::map<std::string, std::vector<ModelWrite>>& writes() const { return writes_; }

  private:
    void add(const std::string& key, ModelWrite write);

    std::map<std::string, std::vector<ModelWrite>> writes_;
    std::map<std::string, Time> changes_;  ///< in sync from
};

}  // namespace simulation
