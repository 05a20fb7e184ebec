#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/environment.hpp"
#include "base/result.hpp"

namespace aws {

/// The chosen profile of `~/.aws/config` and `~/.aws/credentials`, merged; empty where there are no files.
struct SharedConfig {
    std::string profile = "default";
    std::map<std::string, std::string> values;  ///< keys in lower case
    std::map<std::string, std::map<std::string, std::string>>
        services;  ///< of the `services` section it names

    std::optional<std::string> get(std::string_view key) const;
    /// A setting of one service: `get_service("route_53", "endpoint_url")`.
    std::optional<std::string> get_service(std::string_view service, std::string_view key) const;
};

/// Chooses the profile's values from the texts of both files; the credentials file wins for keys in both. The
/// error names a profile that was asked for (`required`) and is not there.
base::Result<SharedConfig> merge_profile(std::string_view config_text, std::string_view credentials_text,
                                         const std::string& profile, bool required);

/// Reads both files where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or HOME, say, and the profile that
/// AWS_PROFILE names. Blocks on the disk: for start-up.
base::Result<SharedConfig> load_shared_config(const Environment& environment);

}  // namespace aws
