#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleet/fact.hpp"

/// As much of EC2 as a manager can see of it, in memory and at once: what is true, whatever the records
/// believe.
namespace simulation {

using base::Duration;
using base::Time;

/// What our tags say; empty for what belongs to others.
struct Tags {
    std::string name;
    std::string uid;
    int generation = 0;
    std::string token;
    bool test = false;  ///< of an image: a machine beside those that serve
};

/// What users name in their specs. Nothing boots from the second until faults stop.
inline constexpr const char* first_image = "ami-1";
inline constexpr const char* second_image = "ami-2";

struct ModelImage {
    std::string uid;   ///< of the name whose machine it was made of; empty: others made it
    std::string name;  ///< of the same
    std::string ami_name;
    std::string machine;
    Time made;
    Time visible_from;  ///< not found by its AMI name before
    fleet::ImageState state = fleet::ImageState::pending;
    bool is_bad = false;  ///< no machine that boots from it becomes ready
};

struct ModelSnapshot {
    std::string image;  ///< that it was made for
    std::string uid;    ///< as the image's
    std::string name;
    Time made;
};

struct ModelRequest {
    Tags tags;
    std::string image = first_image;
    fleet::Pool pool;
    bool public_ip = true;
    Time made;
    Time valid_until;
    Time visible_from;  ///< not found by its tags before
    fleet::RequestState state = fleet::RequestState::open;
    std::string status = "pending-evaluation";
    std::optional<std::string> machine;
};

struct ModelMachine {
    std::string request;  ///< empty: on-demand
    std::string image = first_image;
    bool public_ip = true;
    bool is_bad = false;  ///< as the image was: it never becomes ready
    bool of_fleet = false;
    Tags tags;
    fleet::Pool pool;
    Time launched;
    Time changed;  ///< its state, last
    std::optional<Time> runs_since;
    fleet::Ec2State state = fleet::Ec2State::pending;
    fleet::Addresses addresses;
    bool answers = false;              ///< its service does
    bool impaired = false;             ///< EC2's status checks fail
    bool released = false;             ///< no longer carries our tag
    bool may_be_replaced = false;      ///< there is a true reason to start a successor
    std::optional<Time> terminate_by;  ///< AWS has decided to take it
    std::optional<Time> stops_at;      ///< AWS has planned it

    bool is_ours() const { return !tags.uid.empty() && !released; }
    bool is_alive() const { return state <= fleet::Ec2State::running; }
    bool serves() const { return state == fleet::Ec2State::running && answers; }
};

/// What an instant fleet came to; the same for the same token.
struct ModelFleet {
    std::string id;
    std::string machine;  ///< empty: none was to be had
};

/// A name's launch template: the revision of the spec that each version was made for, from version 1 on.
using ModelTemplate = std::vector<std::int64_t>;

/// An answer of EC2 about a machine: what rule 3 allows to be published.
struct Described {
    Time at;
    fleet::Ec2State state = fleet::Ec2State::unknown;
    fleet::Addresses addresses;
};

class ModelEc2 {
  public:
    std::map<std::string, ModelRequest> requests;
    std::map<std::string, ModelMachine> machines;
    std::map<std::string, ModelImage> images;
    std::map<std::string, ModelSnapshot> snapshots;
    std::map<std::string, ModelFleet> fleets;        ///< by token
    std::map<std::string, ModelTemplate> templates;  ///< by the uid of their name
    std::map<std::string, Time> dry_until;           ///< pools without capacity

    std::string make_request(ModelRequest request);
    std::string make_machine(ModelMachine machine);

    std::string make_image(ModelImage image);

    const std::string* find_image(const std::string& ami_name, Time now) const;

    /// A machine can be asked for with it.
    bool has_image(const std::string& id) const;

    std::vector<std::string> snapshots_of(const std::string& image) const;

    /// Its snapshots are told of only once it is available.
    fleet::ImageDescribed describe_image(const std::string& id) const;

    /// A new pair of addresses, never given before.
    fleet::Addresses make_addresses();

    std::string make_fleet_id() { return "fleet-" + std::to_string(++next_id_); }

    /// By the token that its tags carry.
    const std::string* find_request(const std::string& token, Time now) const;

    const std::string* find_fleet_machine(const std::string& token, Time now) const;

    bool has_capacity(const fleet::Pool& pool, Time now) const;

    /// The request's, once its machine has gone.
    void set_state(const std::string& machine, fleet::Ec2State state, Time now);

    /// Requests end at their time, and what ended is forgotten after a while.
    void pass_time(Time now);

    fleet::RequestDescribed describe_request(const std::string& id) const;
    /// Nothing when EC2 no longer knows it.
    std::optional<fleet::MachineDescribed> describe_machine(const std::string& id) const;

    /// What counts for the quota of spot machines: also requests that are open.
    std::size_t spot_in_use() const;

    /// When its spot request came, or it did.
    Time asked_for(const ModelMachine& machine) const;

    /// A spot request that can still be fulfilled, or a machine that runs or will.
    bool is_alive(const ModelRequest& request) const;

  private:
    int next_id_ = 0;
};

/// How a pool is called in stories, and its key in ModelEc2::dry_until.
std::string word(const fleet::Pool& pool);

}  // namespace simulation
