#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "aws/credentials.hpp"
#include "base/result.hpp"

namespace aws {

/// What one source has: nothing when it is not configured at all, an error when it is and fails.
using FoundCredentials = base::Result<std::optional<Credentials>>;

/// One place where credentials come from; a value, so that a chain is a list.
struct CredentialsSource {
    std::string name;  ///< for the log: `environment`, `profile lab`, `imds`
    std::function<boost::asio::awaitable<FoundCredentials>()> fetch;
};

/// For what is known already: it gives the same each time.
CredentialsSource fixed_source(std::string name, FoundCredentials found);

}  // namespace aws
