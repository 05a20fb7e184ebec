#include "aws/imds.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"

namespace aws {
namespace {

/// The service is on this machine or nowhere.
http::CallLimits limits() {
    http::CallLimits limits;
    limits.connect = std::chrono::seconds{1};
    limits.total = std::chrono::seconds{2};
    limits.body_bytes = 256 * 1024;
    return limits;
}

std::string url_by_mode(const Environment& environment) {
    const bool ipv6 = base::equal_ignoring_case(
        environment.get_or("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv4"), "IPv6");
    return ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

}  // namespace

InstanceMetadata::InstanceMetadata(Send send, http::Url base)
    : send_(std::move(send)), base_(std::move(base)) {
    while (base_.target.ends_with('/')) {
        base_.target.pop_back();
    }
}

boost::asio::awaitable<base::Result<void>> InstanceMetadata::fetch_token() {
    http::Request request;
    request.method = "PUT";
    request.target = base_.target + "/latest/api/token";
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    auto answer = co_await send_(base_.origin, std::move(request), limits());
    if (!answer) {
        co_return base::fail("the instance metadata service gave no token: " + answer.error().message);
    }
    if (answer->status != 200) {
        co_return base::fail(
            fmt::format("the instance metadata service refused a token with status {}", answer->status));
    }
    token_ = base::trim(answer->body);
    co_return base::Result<void>();
}

boost::asio::awaitable<base::Result<std::optional<std::string>>> InstanceMetadata::get(std::string path) {
    for (bool fresh = false;; fresh = true) {
        if (token_.empty() || fresh) {
            const auto fetched = co_await fetch_token();
            if (!fetched) {
                co_return std::unexpected(fetched.error());
            }
        }
        http::Request request;
        request.target = fmt::format("{}/latest/{}", base_.target, path);
        request.headers = {{"X-aws-ec2-metadata-token", token_}};
        auto answer = co_await send_(base_.origin, std::move(request), limits());
        if (!answer) {
            co_return base::fail("the instance metadata service did not answer: " + answer.error().message);
        }
        if (answer->status == 401 && !fresh) {
            continue;
        }
        if (answer->status == 404) {
            co_return std::nullopt;
        }
        if (answer->status != 200) {
            co_return base::fail(
                fmt::format("the instance metadata service answered status {} for {}", answer->status, path));
        }
        co_return std::move(answer->body);
    }
}

base::Result<http::Url> metadata_url(const Environment& environment) {
    auto url =
        http::parse_url(environment.get_or("AWS_EC2_METADATA_SERVICE_ENDPOINT", url_by_mode(environment)));
    if (!url) {
        return base::fail("AWS_EC2_METADATA_SERVICE_ENDPOINT: " + url.error().message);
    }
    return url;
}

base::Result<std::shared_ptr<InstanceMetadata>> instance_metadata(const Environment& environment, Send send) {
    if (environment.is_true("AWS_EC2_METADATA_DISABLED")) {
        return nullptr;
    }
    auto url = metadata_url(environment);
    if (!url) {
        return std::unexpected(url.error());
    }
    return std::make_shared<InstanceMetadata>(std::move(send), std::move(*url));
}

}  // namespace aws
