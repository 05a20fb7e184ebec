#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace manager {

/// Who is alive: each loop beats when it comes round, and says how long it may take to the next time.
class Heartbeats {
  public:
    void beat(const std::string& loop, base::Time now, base::Duration within) { due_[loop] = now + within; }

    /// The loop has ended, as it should.
    void forget(const std::string& loop) { due_.erase(loop); }

    /// The loops that should have beaten by now.
    std::vector<std::string> late(base::Time now) const {
        std::vector<std::string> loops;
        for (const auto& [loop, due] : due_) {
            if (due < now) {
                loops.push_back(loop);
            }
        }
        return loops;
    }

  private:
    std::map<std::string, base::Time> due_;
};

}  // namespace manager
