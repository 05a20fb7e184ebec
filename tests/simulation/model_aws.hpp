#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleet/fact.hpp"

/// As much of AWS as one managed instance can see of it, in memory and at once: what is true, whatever the
/// record believes.
namespace simulation {

using base::Duration;
using base::Time;

struct ModelRequest {
    std::string token;
    int generation = 0;
    Time valid_until;
    Time visible_from;  ///< not found before
    fleet::RequestState state = fleet::RequestState::open;
    std::optional<std::string> machine;
};

struct ModelMachine {
    std::string request;
    int generation = 0;
    fleet::Ec2State state = fleet::Ec2State::pending;
    fleet::Addresses addresses;
    bool reported = false;
    bool released = false;  ///< no longer carries our tag
    Time changed;
};

struct ModelWrite {
    std::string address;  ///< empty: the record was deleted
    Duration ttl{};
    Time in_sync_from;
    bool ours = true;
};

class ModelAws {
  public:
    std::map<std::string, ModelRequest> requests;
    std::map<std::string, ModelMachine> machines;
    std::map<fleet::Side, std::vector<ModelWrite>> dns;  ///< every write that took effect, in order
    std::map<std::string, Time> changes;                 ///< in sync from

    /// The same token gives the same spot request.
    std::string request(const std::string& token, int generation, Time valid_until, Time visible_from);
    const ModelRequest* find_by_token(const std::string& token, Time now, std::string& id) const;

    /// An open request gets a machine; a cancelled one too, when the fulfilment wins the race.
    std::string fulfil(const std::string& request, Time now);
    void set_state(const std::string& machine, fleet::Ec2State state, Time now);

    /// Requests end at their time, and terminated machines are forgotten.
    void pass_time(Time now);

    std::string upsert(fleet::Side side, const std::string& address, Duration ttl, Time in_sync_from);

    /// The record that stands now, and its deletion.
    std::optional<ModelWrite> standing(fleet::Side side) const;
    void remove(fleet::Side side, Time now);

    fleet::RequestDescribed describe_request(const std::string& id) const;
    /// Nothing when EC2 no longer knows it.
    std::optional<fleet::MachineDescribed> describe_machine(const std::string& id) const;

    /// Whether a resolver can be given the address, or may still hold it.
    bool resolves(const std::string& address, Time now) const;

    /// A spot request that can still be fulfilled, or a machine that runs or will.
    bool is_alive(const std::string& request) const;

  private:
    int next_id_ = 0;
};

}  // namespace simulation
