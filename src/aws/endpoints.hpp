#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/url.hpp"

namespace aws {

enum class Service { sqs, ec2, route53, sts };

/// `sqs`, `ec2`, `route53`, `sts`: also the signing name.
std::string_view to_string(Service service);

/// Its name in AWS_ENDPOINT_URL_*, in lower case, as in a `services` section: `route_53`.
std::string_view settings_name(Service service);

/// An island of AWS with its own names and keys.
struct Partition {
    std::string_view name;        ///< `aws`, `aws-cn`; also the second part of its ARNs
    std::string_view dns_suffix;  ///< `amazonaws.com`
    std::string_view route53_host;
    std::string_view route53_region;  ///< what calls to Route 53 are signed for
};

/// By the form of the region's name; `aws` where it is not known.
const Partition& partition_of(std::string_view region);

/// Where a service is called and what its calls are signed for.
struct Endpoint {
    http::Origin origin;
    std::string path_prefix;  ///< from an override that has a path; without a slash at its end
    std::string signing_name;
    std::string signing_region;
};

/// The public endpoint of a region, or the place that `override_url` says, signed for the same region. The
/// error names the URL.
base::Result<Endpoint> resolve_endpoint(Service service, const std::string& region,
                                        const std::string& override_url);

}  // namespace aws
