#include "aws/credentials_profile.hpp"

#include <fmt/format.h>

namespace aws {
FoundCredentials credentials_in(const SharedConfig& config) {
    for (const auto* key :
         {"role_arn", "credential_process", "sso_session", "sso_account_id", "web_identity_token_file"}) {
        if (config.get(key)) {
            return base::fail(
                fmt::format("the profile {} has {}, which is not supported: give it aws_access_key_id and "
                            "aws_secret_access_key, or use the environment",
                            config.profile, key));
        }
    }
    const auto id = config.get("aws_access_key_id");
    const auto secret = config.get("aws_secret_access_key");
    if (!id && !secret) {
        return std::nullopt;
    }
    if (!id || !secret) {
        return base::fail(fmt::format("the profile {} has {} without {}", config.profile,
                                      id ? "aws_access_key_id" : "aws_secret_access_key",
                                      id ? "aws_secret_access_key" : "aws_access_key_id"));
    }
    return Credentials{.access_key_id = *id,
                       .secret_access_key = *secret,
                       .session_token = config.get("aws_session_token").value_or(""),
                       .expiration = {}};
}

CredentialsSource profile_source(const SharedConfig& config) {
    return fixed_source("profile " + config.profile, credentials_in(config));
}

}  // namespace aws
