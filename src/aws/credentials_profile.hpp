#pragma once

#include "aws/credentials_source.hpp"
#include "aws/shared_config.hpp"

namespace aws {

/// The static keys of a profile. A profile that gets its credentials by a role, a process or single sign-on
/// is refused in a sentence instead of being passed over: the user meant it.
FoundCredentials credentials_in(const SharedConfig& config);

CredentialsSource profile_source(const SharedConfig& config);

}  // namespace aws
