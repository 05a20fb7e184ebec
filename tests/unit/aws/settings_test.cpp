#include "aws/settings.hpp"

#include <doctest/doctest.h>

#include "aws/ini.hpp"

namespace {

constexpr auto config_text = R"(# a comment
[default]
region = eu-west-1
[profile lab]
REGION = us-east-1   ; the lab's
services = lab
aws_access_key_id = from config
s3 =
  max_concurrent_requests = 20
endpoint_url = http://127.0.0.1:9
[profile "two words"]
region=cn-north-1
[sso-session lab]
region = nowhere
[services lab]
sqs =
  endpoint_url = http://127.0.0.1:4566
route_53 =
  endpoint_url = http://127.0.0.1:4567
)";

constexpr auto credentials_text = R"([lab]
aws_access_key_id = AKID
aws_secret_access_key = a+b/c=
[other]
aws_access_key_id = X
)";

aws::Environment environment(std::map<std::string, std::string, std::less<>> values) {
    return aws::Environment(std::move(values));
}

}  // namespace

TEST_CASE("ini: sections, settings, nested settings, comments") {
    const auto sections = aws::parse_ini(config_text);
    REQUIRE(sections.has_value());
    REQUIRE(sections->size() == 5);
    const auto& lab = sections->at(1);
    CHECK(lab.name == "profile lab");
    CHECK(lab.values.at("region") == "us-east-1");
    CHECK(lab.nested.at("s3").at("max_concurrent_requests") == "20");
    CHECK(aws::parse_ini("").value().empty());
    CHECK(aws::parse_ini("[a]\nk = v\n  more\n")->front().values.at("k") == "v\nmore");
}

TEST_CASE("ini: a fault names its line") {
    CHECK(aws::parse_ini("a = b").error().message == "line 1: a setting must stand below a [section]");
    CHECK(aws::parse_ini("[a]\nb").error().message == "line 2: must be `key = value`");
    CHECK(aws::parse_ini("[a").error().message == "line 1: a section must end with ]");
    CHECK(aws::parse_ini("[a]\n  x = y").error().message == "line 2: an indented line must follow a setting");
}

TEST_CASE("shared config: one profile of both files, the credentials file first") {
    const auto lab = aws::merge_profile(config_text, credentials_text, "lab", true);
    REQUIRE(lab.has_value());
    CHECK(lab->get("aws_access_key_id") == "AKID");
    CHECK(lab->get("aws_secret_access_key") == "a+b/c=");
    CHECK(lab->get("region") == "us-east-1");
    CHECK(lab->get_service("sqs", "endpoint_url") == "http://127.0.0.1:4566");
    CHECK_FALSE(lab->get_service("ec2", "endpoint_url"));
    CHECK(aws::merge_profile(config_text, "", "two words", true)->get("region") == "cn-north-1");
    CHECK(aws::merge_profile(config_text, credentials_text, "default", false)->get("region") == "eu-west-1");
}

TEST_CASE("shared config: a profile that was asked for must be there") {
    CHECK(aws::merge_profile("", "", "lab", true).error().message ==
          "the profile lab is in neither of the shared files");
    CHECK(aws::merge_profile("", "", "default", false).has_value());
    CHECK(aws::merge_profile("x", "", "default", false)
              .error()
              .message.starts_with("the shared config file: "));
    CHECK(aws::load_shared_config(environment({{"AWS_CONFIG_FILE", "/nonexistent/config"}})).has_value());
    CHECK_FALSE(
        aws::load_shared_config(environment({{"HOME", "/nonexistent"}, {"AWS_PROFILE", "x"}})).has_value());
}

TEST_CASE("settings: the environment goes before the profile, the service before the common setting") {
    const auto lab = aws::merge_profile(config_text, credentials_text, "lab", true).value();
    const auto from_profile = aws::load_settings({}, lab).value();
    CHECK(from_profile.region == "us-east-1");
    CHECK(from_profile.endpoint_urls.at(aws::Service::sqs) == "http://127.0.0.1:4566");
    CHECK(from_profile.endpoint_urls.at(aws::Service::ec2) == "http://127.0.0.1:9");

    const auto set = aws::load_settings(environment({{"AWS_REGION", "us-west-2"},
                                                     {"AWS_DEFAULT_REGION", "eu-west-1"},
                                                     {"AWS_ENDPOINT_URL", "http://127.0.0.1:1"},
                                                     {"AWS_ENDPOINT_URL_ROUTE_53", "http://127.0.0.1:2"},
                                                     {"AWS_ENDPOINT_URL_STS", ""},
                                                     {"AWS_CA_BUNDLE", "/ca.pem"},
                                                     {"HTTPS_PROXY", "http://proxy:3128"},
                                                     {"no_proxy", "localhost"},
                                                     {"AWS_MAX_ATTEMPTS", "5"}}),
                                        lab)
                         .value();
    CHECK(set.region == "us-west-2");
    CHECK(set.endpoint_urls.at(aws::Service::sqs) == "http://127.0.0.1:1");
    CHECK(set.endpoint_urls.at(aws::Service::route53) == "http://127.0.0.1:2");
    CHECK(set.endpoint_urls.at(aws::Service::sts) == "http://127.0.0.1:1");
    CHECK(set.http.ca_bundle == "/ca.pem");
    CHECK(set.http.https_proxy == "http://proxy:3128");
    CHECK(set.http.no_proxy == "localhost,169.254.169.254");
    CHECK(set.attempts_max == 5);

    const auto ignoring =
        aws::load_settings(environment({{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}}), lab).value();
    CHECK(ignoring.endpoint_urls.empty());
}

TEST_CASE("settings: what cannot be done is refused in a sentence") {
    CHECK(aws::load_settings(environment({{"AWS_MAX_ATTEMPTS", "many"}}), {}).error().message ==
          "AWS_MAX_ATTEMPTS is 'many': it must be a number from 1 to 10");
    CHECK_FALSE(aws::load_settings(environment({{"AWS_USE_FIPS_ENDPOINT", "true"}}), {}).has_value());
}

TEST_CASE("endpoints: hosts and signing regions of the partitions") {
    using aws::Service;
    struct Case {
        Service service;
        std::string region;
        std::string host;
        std::string signing_region;
    };
    const std::vector<Case> cases = {
        {Service::sqs, "us-east-1", "sqs.us-east-1.amazonaws.com", "us-east-1"},
        {Service::sts, "eu-west-3", "sts.eu-west-3.amazonaws.com", "eu-west-3"},
        {Service::ec2, "cn-north-1", "ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"},
        {Service::route53, "ap-south-1", "route53.amazonaws.com", "us-east-1"},
        {Service::route53, "us-gov-east-1", "route53.us-gov.amazonaws.com", "us-gov-west-1"},
        {Service::route53, "cn-north-1", "route53.amazonaws.com.cn", "cn-northwest-1"},
        {Service::ec2, "us-isob-east-1", "ec2.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
        {Service::ec2, "eusc-de-east-1", "ec2.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
        {Service::ec2, "xx-new-1", "ec2.xx-new-1.amazonaws.com", "xx-new-1"},
    };
    for (const auto& wanted : cases) {
        const auto endpoint = aws::resolve_endpoint(wanted.service, wanted.region, "").value();
        CHECK(endpoint.origin == http::Origin{true, wanted.host, 443});
        CHECK(endpoint.signing_region == wanted.signing_region);
        CHECK(endpoint.signing_name == aws::to_string(wanted.service));
    }
}
