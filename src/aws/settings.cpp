#include "aws/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "aws/imds.hpp"
#include "base/text.hpp"

namespace aws {
namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::toupper(c); });
    return result;
}

/// An override: the service's own before the common one, the environment before the profile.
std::string endpoint_url(Service service, const Environment& environment, const SharedConfig& config) {
    const auto name = settings_name(service);
    const std::array<std::optional<std::string>, 4> places = {
        environment.get("AWS_ENDPOINT_URL_" + upper(name)), environment.get("AWS_ENDPOINT_URL"),
        config.get_service(name, "endpoint_url"), config.get("endpoint_url")};
    const auto* found = std::ranges::find_if(places, [](const auto& url) { return url.has_value(); });
    return found == places.end() ? std::string() : **found;
}

/// `https_proxy`, or the same in capitals.
std::string either_case(const Environment& environment, std::string_view lower_name) {
    return environment.get_or(lower_name, environment.get_or(upper(lower_name), ""));
}

bool is_true(const std::optional<std::string>& value) {
    return value && base::equal_ignoring_case(*value, "true");
}

}  // namespace

base::Result<Settings> load_settings(const Environment& environment, const SharedConfig& config) {
    Settings settings;
    settings.region = environment.get_or("AWS_REGION", environment.get_or("AWS_DEFAULT_REGION", ""));
    if (settings.region.empty()) {
        settings.region = config.get("region").value_or("");
    }

    const bool ignore_urls = environment.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ||
                             is_true(config.get("ignore_configured_endpoint_urls"));
    for (const auto service : {Service::sqs, Service::ec2, Service::route53, Service::sts}) {
        const auto url = ignore_urls ? std::string() : endpoint_url(service, environment, config);
        if (!url.empty()) {
            settings.endpoint_urls[service] = url;
        }
    }

    for (const auto* setting : {"use_fips_endpoint", "use_dualstack_endpoint"}) {
        const auto variable = "AWS_" + upper(setting);
        if (environment.is_true(variable) || is_true(config.get(setting))) {
            return base::fail(fmt::format(
                "{} is not supported: name the host of each service by AWS_ENDPOINT_URL_SQS, _EC2, "
                "_ROUTE_53 and _STS",
                variable));
        }
    }

    const auto attempts =
        environment.get("AWS_MAX_ATTEMPTS").or_else([&] { return config.get("max_attempts"); });
    if (attempts) {
        const auto number = base::parse_number(*attempts);
        if (!number || *number < 1 || *number > 10) {
            return base::fail(
                fmt::format("AWS_MAX_ATTEMPTS is '{}': it must be a number from 1 to 10", *attempts));
        }
        settings.attempts_max = static_cast<int>(*number);
    }

    settings.http.ca_bundle = environment.get_or("AWS_CA_BUNDLE", config.get("ca_bundle").value_or(""));
    settings.http.https_proxy = either_case(environment, "https_proxy");
    settings.http.http_proxy = either_case(environment, "http_proxy");
    settings.http.no_proxy = either_case(environment, "no_proxy");
    // What a machine's metadata service tells is for that machine alone.
    if (const auto metadata = metadata_url(environment)) {
        settings.http.no_proxy += "," + metadata->origin.host;
    }
    return settings;
}

}  // namespace aws
