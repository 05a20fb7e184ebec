#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "aws/environment.hpp"
#include "aws/transport.hpp"
#include "base/result.hpp"
#include "http/url.hpp"

namespace aws {

/// The instance metadata service, version 2 only.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
class InstanceMetadata {
  public:
    InstanceMetadata(Send send, http::Url base);

    /// The text under `/latest/` + path; nothing for 404. The error is a sentence. A session token is fetched
    /// when there is none, and once more when it is refused.
    boost::asio::awaitable<base::Result<std::optional<std::string>>> get(std::string path);

  private:
    boost::asio::awaitable<base::Result<void>> fetch_token();

    Send send_;
    http::Url base_;
    std::string token_;
};

/// Where it is: as AWS_EC2_METADATA_SERVICE_ENDPOINT or its _MODE say, or at the fixed address. The error
/// names the variable.
base::Result<http::Url> metadata_url(const Environment& environment);

/// Null when AWS_EC2_METADATA_DISABLED is `true`. `send` must not go through a proxy to it; the settings of
/// load_settings() see to that. The error names the variable.
base::Result<std::shared_ptr<InstanceMetadata>> instance_metadata(const Environment& environment, Send send);

}  // namespace aws
