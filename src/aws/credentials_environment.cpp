#include "aws/credentials_environment.hpp"

#include <fmt/format.h>

namespace aws {
FoundCredentials credentials_in(const Environment& environment) {
    const auto id = environment.get("AWS_ACCESS_KEY_ID");
    const auto secret = environment.get("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) {
        // Passed over, these would end in the credentials of another role than the user meant.
        for (const auto* variable : {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                     "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) {
            if (environment.get(variable)) {
                return base::fail(
                    fmt::format("{} is set, but credentials of that kind are not supported: "
                                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or unset it",
                                variable));
            }
        }
        return std::nullopt;
    }
    if (!id || !secret) {
        return base::fail(id ? "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"
                             : "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID");
    }
    return Credentials{.access_key_id = *id,
                       .secret_access_key = *secret,
                       .session_token = environment.get_or("AWS_SESSION_TOKEN", ""),
                       .expiration = {}};
}

CredentialsSource environment_source(const Environment& environment) {
    return fixed_source("environment", credentials_in(environment));
}

}  // namespace aws
