#include "sim/identities.hpp"

#include <utility>

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "sim/ids.hpp"

namespace sim {

Identities::Identities(Timeline& timeline, const Settings& settings)
    : timeline_(timeline), settings_(settings) {
    by_key_[settings.access_key_id] = {
        .credentials = {.access_key_id = settings.access_key_id,
                        .secret_access_key = settings.secret_access_key,
                        .session_token = {},
                        .expiration = {}},
        .principal = {.arn = "arn:aws:iam::" + settings.account + ":user/simulator",
                      .user_id = principal_id("AIDASIM", "simulator")},
    };
}

const Identity* Identities::find(std::string_view access_key_id) const {
    const auto found = by_key_.find(access_key_id);
    return found == by_key_.end() ? nullptr : &found->second;
}

Identity Identities::session(const std::string& role, const std::string& session_name) {
    auto& newest = newest_[{role, session_name}];
    if (const auto found = by_key_.find(newest); found != by_key_.end()) {
        if (*found->second.credentials.expiration - timeline_.now() > settings_.session_for / 2) {
            return found->second;
        }
    }
    newest = alphanumeric_id("ASIA", 16);
    Identity identity = {
        .credentials = {.access_key_id = newest,
                        .secret_access_key = base::base64_encode(base::random_bytes(30)),
                        .session_token = base::base64_encode(base::random_bytes(96)),
                        .expiration = timeline_.now() + settings_.session_for},
        .principal = role_session(settings_, role, session_name),
    };
    by_key_[newest] = identity;
    // Expired keys are known for one life more, so that they are refused as expired; then they are forgotten.
    timeline_.after(settings_.session_for * 2, [this, key = newest, whose = std::pair{role, session_name}] {
        by_key_.erase(key);
        if (const auto found = newest_.find(whose); found != newest_.end() && found->second == key) {
            newest_.erase(found);
        }
    });
    return identity;
}

void Identities::expire(std::string_view access_key_id) {
    const auto found = by_key_.find(access_key_id);
    if (found != by_key_.end() && found->second.credentials.expiration) {
        found->second.credentials.expiration = timeline_.now();
    }
}

Principal role_session(const Settings& settings, const std::string& role, const std::string& session_name) {
    return {.arn = "arn:aws:sts::" + settings.account + ":assumed-role/" + role + "/" + session_name,
            .user_id = principal_id("AROASIM", role) + ":" + session_name};
}

}  // namespace sim
