#pragma once

#include <memory>

#include "aws/credentials_source.hpp"
#include "aws/imds.hpp"

namespace aws {

/// The role of the machine that we run on. Nothing when it has no role or when there is no metadata service.
CredentialsSource imds_source(std::shared_ptr<InstanceMetadata> metadata);

/// Reads the JSON that the metadata service gives for a role. The error is a sentence.
base::Result<Credentials> parse_imds_credentials(std::string_view body);

}  // namespace aws
