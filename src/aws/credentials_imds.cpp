#include "aws/credentials_imds.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"

namespace aws {
namespace {

constexpr const char* roles_path = "meta-data/iam/security-credentials/";

boost::asio::awaitable<FoundCredentials> fetch(std::shared_ptr<InstanceMetadata> metadata) {
    const auto roles = co_await metadata->get(roles_path);
    if (!roles) {
        co_return std::unexpected(roles.error());
    }
    if (!*roles || base::trim(**roles).empty()) {
        co_return std::nullopt;
    }
    const auto role = base::trim(base::split_once(base::trim(**roles), '\n').first);
    const auto body = co_await metadata->get(fmt::format("{}{}", roles_path, role));
    if (!body) {
        co_return std::unexpected(body.error());
    }
    if (!*body) {
        co_return std::nullopt;
    }
    auto credentials = parse_imds_credentials(**body);
    if (!credentials) {
        co_return std::unexpected(credentials.error());
    }
    co_return std::move(*credentials);
}

}  // namespace

CredentialsSource imds_source(std::shared_ptr<InstanceMetadata> metadata) {
    return {.name = "imds", .fetch = [metadata = std::move(metadata)] { return fetch(metadata); }};
}

base::Result<Credentials> parse_imds_credentials(std::string_view body) {
    const auto json = base::parse_json(body);
    if (!json || !json->is_object()) {
        return base::fail("the instance metadata service gave credentials that are no JSON object");
    }
    const auto text = [&](std::string_view key) {
        const auto* value = json->get_object().if_contains(key);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    if (text("Code") != "Success") {
        return base::fail(fmt::format("the instance metadata service has no credentials: {} {}", text("Code"),
                                      base::cut(text("Message"), 500)));
    }
    Credentials credentials{.access_key_id = text("AccessKeyId"),
                            .secret_access_key = text("SecretAccessKey"),
                            .session_token = text("Token"),
                            .expiration = base::parse_time(text("Expiration"))};
    for (const auto* key : {"AccessKeyId", "SecretAccessKey", "Token"}) {
        if (text(key).empty()) {
            return base::fail(fmt::format("the instance metadata service gave credentials without {}", key));
        }
    }
    if (!credentials.expiration) {
        return base::fail("the instance metadata service gave credentials without a readable Expiration");
    }
    return credentials;
}

}  // namespace aws
