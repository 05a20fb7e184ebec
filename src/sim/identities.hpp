#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "sim/settings.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// Who makes a call.
struct Principal {
    std::string arn;
    std::string user_id;  ///< SQS's SenderId and STS's UserId: `AIDA...`, or `AROA...:session` of a role
};

/// Credentials and whose they are.
struct Identity {
    aws::Credentials credentials;
    Principal principal;
};

/// The access keys that the account knows: the user's, and those of role sessions.
class Identities {
  public:
    Identities(Timeline& timeline, const Settings& settings);

    /// Null when no such key was ever given out; expired ones are found.
    const Identity* find(std::string_view access_key_id) const;

    /// Credentials of a role session, as IMDS hands them out: the same until half of their life is over, then
    /// new ones.
    Identity session(const std::string& role, const std::string& session_name);

    /// Ends the life of a session's key; the user's own has no end.
    void expire(std::string_view access_key_id);

  private:
    Timeline& timeline_;
    const Settings& settings_;
    std::map<std::string, Identity, std::less<>> by_key_;
    std::map<std::pair<std::string, std::string>, std::string> newest_;  ///< (role, session) to key
};

/// The principal of a role session.
Principal role_session(const Settings& settings, const std::string& role, const std::string& session_name);

}  // namespace sim
