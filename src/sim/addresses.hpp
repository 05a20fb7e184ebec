#pragma once

#include <map>
#include <string>

#include "sim/fault.hpp"
#include "sim/machines.hpp"

namespace sim {

struct ElasticAddress {
    std::string allocation_id;
    std::string address;
    std::string association_id;  ///< empty: no machine has it
    std::string machine_id;
};

/// Elastic IP addresses: 127.48.0.0/12, each given once.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
class Addresses {
  public:
    explicit Addresses(Machines& machines) : machines_(machines) {}

    const ElasticAddress& allocate();
    /// Gives the address to a machine, whose own public address is lost with that. Taken from another machine
    /// unless that is refused.
    Answer<ElasticAddress> associate(const std::string& allocation_id, const std::string& machine_id,
                                     bool may_move);
    /// The machine gets a public address of EC2's again, if it was launched with one.
    Answer<void> disassociate(const std::string& association_id);
    /// Refused while a machine has it.
    Answer<void> release(const std::string& allocation_id);

    /// An ended machine has its address no more.
    void follow(const Machine& machine);

    const std::map<std::string, ElasticAddress>& all() const { return addresses_; }

  private:
    Answer<ElasticAddress*> find(const std::string& allocation_id);
    void detach(ElasticAddress& address);

    Machines& machines_;
    std::map<std::string, ElasticAddress> addresses_;
    unsigned allocated_ = 0;
};

}  // namespace sim
