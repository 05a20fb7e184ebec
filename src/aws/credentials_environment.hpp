#pragma once

#include "aws/credentials_source.hpp"
#include "aws/environment.hpp"

namespace aws {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. One of the first two alone is an error.
FoundCredentials credentials_in(const Environment& environment);

CredentialsSource environment_source(const Environment& environment);

}  // namespace aws
