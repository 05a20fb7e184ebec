#pragma once

#include <map>
#include <string>

#include "aws/endpoints.hpp"
#include "aws/environment.hpp"
#include "aws/shared_config.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace aws {

/// What any AWS SDK reads from the environment and the shared files.
struct Settings {
    std::string region;                            ///< empty: not said; on EC2 the metadata service knows it
    std::map<Service, std::string> endpoint_urls;  ///< overrides
    int attempts_max = 3;                          ///< of one call, the first included
    http::ClientOptions http;                      ///< proxies and CA bundle
    std::string user_agent = "spot-manager";
};

/// Environment before profile, as AWS orders them. The error names the setting and its value.
base::Result<Settings> load_settings(const Environment& environment, const SharedConfig& config);

}  // namespace aws
