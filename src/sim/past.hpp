#pragma once

#include <deque>
#include <map>
#include <string>

#include "base/time.hpp"
#include "sim/images.hpp"
#include "sim/machines.hpp"
#include "sim/spot.hpp"

namespace sim {

/// EC2's resources as a read shows them. Refers to the models or to the past: for the length of one call.
struct Shown {
    base::Time time;
    const std::map<std::string, Machine, std::less<>>& machines;
    const std::map<std::string, SpotRequest, std::less<>>& spot_requests;
    const std::map<std::string, Image, std::less<>>& images;
    const std::map<std::string, Snapshot, std::less<>>& snapshots;
};

/// EC2's resources at a number of moments gone by, for reads that lag: those of EC2 are eventually
/// consistent. https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
class Past {
  public:
    /// Keeps a copy, unless the last is younger than a tenth of a second.
    void remember(const Shown& now);

    /// The latest copy that is no younger than `time`, or the oldest that there is. Something was remembered.
    Shown at(base::Time time) const;

  private:
    struct Moment {
        base::Time time;
        std::map<std::string, Machine, std::less<>> machines;
        std::map<std::string, SpotRequest, std::less<>> spot_requests;
        std::map<std::string, Image, std::less<>> images;
        std::map<std::string, Snapshot, std::less<>> snapshots;
    };
    std::deque<Moment> moments_;
};

}  // namespace sim
