#pragma once

#include <string>
#include <vector>

#include "fleet/trust.hpp"
#include "simulation/chance.hpp"

namespace simulation {

/// SQS in memory: what was received and not deleted comes again after its visibility timeout, in any order.
class ModelQueue {
  public:
    struct Entry {
        fleet::Envelope envelope;
        Time visible_from;
        int receives = 0;
    };

    void send(std::string body, std::string sender, Time now);

    /// At most ten that are visible, from anywhere in the queue.
    std::vector<fleet::Envelope> receive(Chance& chance, Time now);

    void remove(const std::string& id);

    const std::vector<Entry>& entries() const { return entries_; }

  private:
    std::vector<Entry> entries_;
    int next_id_ = 0;
};

}  // namespace simulation
