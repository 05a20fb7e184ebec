#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "http/server.hpp"
#include "sim/cloud.hpp"

namespace sim {

/// Instance metadata, version 2 only: every reading needs a token. The caller's own address says which
/// machine asks; whoever is no machine is the manager's own, outside of the simulated fleet.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
class Imds {
  public:
    explicit Imds(Cloud& cloud) : cloud_(cloud) {}

    http::Response answer(const http::ServerRequest& request);

  private:
    struct Token {
        std::string peer_address;
        base::Time expires;
    };
    http::Response give_token(const http::ServerRequest& request);
    bool admitted(const http::ServerRequest& request) const;
    /// Nothing: there is no such item.
    std::optional<std::string> read(std::string_view path, const Machine& machine);
    std::optional<std::string> read_credentials(std::string_view path, const Machine& machine);
    Machine manager_machine() const;

    Cloud& cloud_;
    std::map<std::string, Token> tokens_;
};

}  // namespace sim
