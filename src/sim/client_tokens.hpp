#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/fault.hpp"

namespace sim {

/// EC2's idempotency by ClientToken: the same token with the same parameters finds what the first call made,
/// with other parameters it is refused.
class ClientTokens {
  public:
    /// The ids that the first call with this token made; empty when there was none. `parameters` is any text
    /// that is the same for the same call.
    Answer<std::vector<std::string>> find(const std::string& operation, const std::string& token,
                                          const std::string& parameters) const;
    void remember(const std::string& operation, const std::string& token, const std::string& parameters,
                  std::vector<std::string> ids);

  private:
    struct Use {
        std::string parameters_hash;
        std::vector<std::string> ids;
    };
    std::map<std::pair<std::string, std::string>, Use> uses_;
};

}  // namespace sim
