#include "sim/authentication.hpp"

#include <doctest/doctest.h>

#include "aws/sigv4.hpp"

using namespace std::chrono_literals;

namespace {

struct Fixture {
    sim::Settings settings;
    sim::Timeline timeline{base::Time{1768478400s}};
    sim::Identities identities{timeline, settings};
    aws::Credentials credentials = identities.find(settings.access_key_id)->credentials;
    std::string region = "us-east-1";
    base::Duration off{0};

    /// The refusal's code, or the caller's ARN.
    std::string knock(sim::Service service, const std::string& scope_service = "") {
        http::Request request;
        request.method = "POST";
        request.headers = {{"Host", "127.0.0.1:4566"}, {"Content-Type", "text/plain"}};
        request.body = "hello";
        const auto name = scope_service.empty() ? std::string(sim::signing_name(service)) : scope_service;
        aws::sign(request, credentials, {.region = region, .service = name}, timeline.now() + off);
        return check(request, service);
    }

    std::string check(const http::Request& request, sim::Service service) {
        const auto answer = sim::authenticate(request, service, identities, settings.region, timeline.now());
        return answer ? answer->arn : answer.error().code;
    }
};

using sim::Service;
constexpr const char* user = "arn:aws:iam::123456789012:user/simulator";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "sim authentication: a right signature tells who calls") {
    for (const auto service : {Service::sqs, Service::ec2, Service::route53, Service::sts}) {
        CHECK(knock(service) == user);
    }
    off = 4min;
    CHECK(knock(Service::sqs) == user);
}

TEST_CASE_FIXTURE(Fixture, "sim authentication: each service refuses a wrong secret in its own words") {
    credentials.secret_access_key = "wrong";
    CHECK(knock(Service::sqs) == "InvalidSignatureException");
    CHECK(knock(Service::ec2) == "AuthFailure");
    CHECK(knock(Service::route53) == "SignatureDoesNotMatch");
    CHECK(knock(Service::sts) == "SignatureDoesNotMatch");
}

TEST_CASE_FIXTURE(Fixture, "sim authentication: an unknown key, no signature, half a signature") {
    credentials.access_key_id = "AKIDNOBODY";
    CHECK(knock(Service::sqs) == "UnrecognizedClientException");
    CHECK(knock(Service::sts) == "InvalidClientTokenId");
    CHECK(check({}, Service::sqs) == "MissingAuthenticationTokenException");
    CHECK(check({}, Service::ec2) == "MissingAuthenticationToken");
    http::Request half;
    half.headers = {{"Authorization", "AWS4-HMAC-SHA256 Credential=x"}};
    CHECK(check(half, Service::route53) == "IncompleteSignature");
}

TEST_CASE_FIXTURE(Fixture, "sim authentication: a clock that is off") {
    off = 6min;
    CHECK(knock(Service::sqs) == "InvalidSignatureException");
    CHECK(knock(Service::ec2) == user);
    off = -16min;
    CHECK(knock(Service::ec2) == "RequestExpired");
    CHECK(knock(Service::sts) == "SignatureDoesNotMatch");
}

TEST_CASE_FIXTURE(Fixture, "sim authentication: a scope of another region or service") {
    CHECK(knock(Service::sqs, "ec2") == "InvalidSignatureException");
    region = "eu-west-1";
    CHECK(knock(Service::sts) == "SignatureDoesNotMatch");
    CHECK(knock(Service::route53) == "SignatureDoesNotMatch");
}

TEST_CASE_FIXTURE(Fixture, "sim authentication: role sessions need their token and end with it") {
    const auto session = identities.session("worker", "i-1");
    credentials = session.credentials;
    CHECK(knock(Service::sqs) == "arn:aws:sts::123456789012:assumed-role/worker/i-1");
    CHECK(session.principal.user_id.ends_with(":i-1"));
    CHECK(identities.session("worker", "i-1").credentials == credentials);
    credentials.session_token = "another";
    CHECK(knock(Service::sqs) == "UnrecognizedClientException");
    credentials = session.credentials;
    timeline.advance_to(timeline.now() + 4h);
    CHECK(identities.session("worker", "i-1").credentials != credentials);
    timeline.advance_to(timeline.now() + 2h);
    CHECK(knock(Service::sqs) == "ExpiredTokenException");
    CHECK(knock(Service::route53) == "ExpiredToken");
}
