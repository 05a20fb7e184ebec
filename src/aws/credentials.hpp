#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"

namespace aws {

/// What a call is signed with. Never logged.
struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;             ///< empty with long-term keys
    std::optional<base::Time> expiration;  ///< nothing: they do not expire

    bool operator==(const Credentials&) const = default;
};

}  // namespace aws
