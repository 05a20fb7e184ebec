#pragma once

#include <memory>
#include <vector>

#include "aws/credentials_source.hpp"
#include "aws/environment.hpp"
#include "aws/imds.hpp"
#include "aws/shared_config.hpp"

namespace aws {

/// The default chain in the order of the AWS SDKs: environment, profile, instance metadata (null: left out).
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
std::vector<CredentialsSource> default_chain(const Environment& environment, const SharedConfig& config,
                                             std::shared_ptr<InstanceMetadata> metadata);

}  // namespace aws
