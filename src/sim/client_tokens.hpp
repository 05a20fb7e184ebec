#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/fault.hpp"

namespace sim {

/// EC2's idempotency by ClientToken: the same token with the same parameters finds what the first call made,
/// with other parameters it is refused. The newest 100,000 tokens are remembered.
class ClientTokens {
  public:
    /// The ids that the first call with this token made; empty when there was none. `parameters` is any text
    /// that is the same for the same call; launch templates have longer tokens than the rest of EC2.
    Answer<std::vector<std::string>> find(const std::string& operation, const std::string& token,
                                          const std::string& parameters, std::size_t bytes_max = 64) const;
    void remember(const std::string& operation, const std::string& token, const std::string& parameters,
                  std::vector<std::string> ids);

  private:
    struct Use {
        std::string parameters_hash;
        std::vector<std::string> ids;
    };
    using Key = std::pair<std::string, std::string>;  ///< operation, token
    std::map<Key, Use> uses_;
    std::deque<Key> order_;
};

}  // namespace sim
