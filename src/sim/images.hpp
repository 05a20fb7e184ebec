#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sim/events.hpp"
#include "sim/fault.hpp"
#include "sim/machines.hpp"
#include "sim/settings.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// The copy of one volume.
struct Snapshot {
    std::string id;
    std::string volume_id;
    std::string description;
    long gib = 0;
    base::Time started;
    std::string state = "pending";  ///< then `completed`, or `error`
    Tags tags;
    base::Time held_until;  ///< in use, by EC2's book-keeping, though its image is gone
};

struct ImageDisk {
    std::string device_name;
    long gib = 0;
    std::string snapshot_id;
};

struct Image {
    std::string id;
    std::string name;
    std::string description;
    std::string machine_id;  ///< of which it was made
    base::Time created;
    std::string state = "pending";  ///< then `available`, or `failed`
    std::string state_reason;       ///< why it failed
    std::vector<ImageDisk> disks;
    bool spoiled = false;  ///< no machine boots from it
    Tags tags;
};

/// What CreateImage asks for, beside the machine.
struct ImageAsk {
    std::string name;
    std::string description;
    Tags tags;
    Tags snapshot_tags;
};

/// The images that were made in the account, and their snapshots: pending, then available or failed. Any
/// other well-formed id stands for an image that has always been there, until it is deregistered.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/creating-an-ami-ebs.html
class Images {
  public:
    Images(Timeline& timeline, const Settings& settings, Events& events)
        : timeline_(timeline), settings_(settings), events_(events) {}

    /// One snapshot a disk. Refused when the name is malformed or taken.
    Answer<Image*> create(const Machine& machine, const ImageAsk& ask);

    Image* find(std::string_view id);
    Snapshot* find_snapshot(std::string_view id);
    std::map<std::string, Image, std::less<>>& all() { return images_; }
    std::map<std::string, Snapshot, std::less<>>& snapshots() { return snapshots_; }
    bool is_gone(const std::string& id) const { return gone_.contains(id); }
    /// Explicit ids and filters find something new only a while after it was made, as in EC2.
    bool visible(base::Time made) const { return made + settings_.visible_after <= timeline_.now(); }

    /// Whether a machine may be launched from it.
    Answer<void> check_launch(const std::string& id);
    /// Gives a new machine the disks of its image and its own, and whether a system boots from them.
    void install(Machine& machine);

    /// The snapshots stay.
    Answer<void> deregister(const std::string& id);
    Answer<void> delete_snapshot(const std::string& id);

    /// A machine that ends takes its pending images with it.
    void follow(const Machine& machine);

    /// What becomes of the image that is made next: `pass`, `fail`, or `hold`: pending until it is settled.
    void decide_next(std::string outcome) { next_ = std::move(outcome); }
    /// Refused unless it is pending. `reason`: it fails.
    Answer<void> settle(Image& image, const std::optional<std::string>& reason);

  private:
    Timeline& timeline_;
    const Settings& settings_;
    Events& events_;
    std::map<std::string, Image, std::less<>> images_;
    std::map<std::string, Snapshot, std::less<>> snapshots_;
    std::set<std::string> gone_;
    std::string next_ = "pass";
};

}  // namespace sim
