#pragma once

#include <string>

#include "base/json.hpp"
#include "base/time.hpp"

/// The bodies of messages as those write them who send them.
namespace simulation {

inline constexpr const char* account = "123456789012";
inline constexpr const char* region = "eu-central-1";

/// Who EventBridge and our web endpoint are to SQS.
inline constexpr const char* eventbridge = "AIDAEVENTBRIDGE";
inline constexpr const char* web_endpoint = "AROAWEB:spot-manager";

/// The store's key: with it commands are signed and machines' tokens made. A secret.
inline constexpr const char* store_key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Stands in every user data: a secret.
inline constexpr const char* user_secret = "s3cret-of-the-user";

/// An event as EventBridge delivers it.
std::string event(const std::string& id, base::Time at, const std::string& type, base::json::object detail);

/// AWS Health's word that a machine is to be stopped.
std::string planned_stop(const std::string& id, base::Time at, const std::string& machine, base::Time begins);

/// A machine's report that it has booted.
std::string booted(const std::string& name, const std::string& uid, const std::string& machine);

/// SQS's SenderId of a machine's own role.
std::string session_of(const std::string& machine);

}  // namespace simulation
