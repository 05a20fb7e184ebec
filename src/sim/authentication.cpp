#include "sim/authentication.hpp"

#include "aws/sigv4.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace sim {

namespace {

/// One cause in the words of the protocols: JSON's, EC2's, and those of Route53 and STS.
struct Words {
    std::string_view json;
    std::string_view ec2;
    std::string_view query;
    std::string_view message;
};

constexpr Words missing = {.json = "MissingAuthenticationTokenException",
                           .ec2 = "MissingAuthenticationToken",
                           .query = "MissingAuthenticationToken",
                           .message = "Request is missing Authentication Token"};
constexpr Words incomplete = {.json = "IncompleteSignatureException",
                              .ec2 = "IncompleteSignature",
                              .query = "IncompleteSignature",
                              .message = {}};
constexpr Words unknown_key = {.json = "UnrecognizedClientException",
                               .ec2 = "AuthFailure",
                               .query = "InvalidClientTokenId",
                               .message = "The security token included in the request is invalid."};
constexpr Words expired_token = {.json = "ExpiredTokenException",
                                 .ec2 = "RequestExpired",
                                 .query = "ExpiredToken",
                                 .message = "The security token included in the request is expired"};
constexpr Words skewed = {.json = "InvalidSignatureException",
                          .ec2 = "RequestExpired",
                          .query = "SignatureDoesNotMatch",
                          .message = {}};
constexpr Words wrong_signature = {
    .json = "InvalidSignatureException",
    .ec2 = "AuthFailure",
    .query = "SignatureDoesNotMatch",
    .message =
        "The request signature we calculated does not match the signature you provided. Check your AWS "
        "Secret Access Key and signing method. Consult the service documentation for details."};

std::unexpected<Fault> refuse_as(Service service, const Words& words, std::string message = {}) {
    if (message.empty()) {
        message = words.message;
    }
    if (service == Service::sqs) {
        return refuse(std::string(words.json), std::move(message), 403);
    }
    if (service != Service::ec2) {
        return refuse(std::string(words.query), std::move(message), 403);
    }
    if (words.ec2 == "AuthFailure") {
        return refuse("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
    }
    return refuse(std::string(words.ec2), words.ec2 == "RequestExpired" ? "Request has expired." : message);
}

/// What is wrong with the time of signing; empty when nothing is.
std::string skew(base::Time signed_at, base::Time now, std::chrono::minutes allowed) {
    const auto minutes = std::to_string(allowed.count()) + " min.)";
    if (signed_at < now - allowed) {
        return "Signature expired: " + base::format_basic_time(signed_at) + " is now earlier than " +
               base::format_basic_time(now - allowed) + " (" + base::format_basic_time(now) + " - " + minutes;
    }
    if (signed_at > now + allowed) {
        return "Signature not yet current: " + base::format_basic_time(signed_at) + " is still later than " +
               base::format_basic_time(now + allowed) + " (" + base::format_basic_time(now) + " + " + minutes;
    }
    return {};
}

/// What is wrong with the scope; empty when nothing is.
std::string wrong_scope(const aws::Authorization& authorization, Service service, const std::string& region,
                        base::Time signed_at) {
    if (authorization.scope.service != signing_name(service)) {
        return "Credential should be scoped to correct service: '" + std::string(signing_name(service)) +
               "'.";
    }
    // Route53 is global: its scope names us-east-1 wherever the caller is.
    const auto& expected = service == Service::route53 ? std::string("us-east-1") : region;
    if (authorization.scope.region != expected) {
        return "Credential should be scoped to a valid region, not '" + authorization.scope.region + "'.";
    }
    const auto day = base::format_basic_time(signed_at).substr(0, 8);
    if (authorization.day != day) {
        return "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
               authorization.day + "' != '" + day + "'.";
    }
    return {};
}

}  // namespace

Answer<Principal> authenticate(const http::Request& request, Service service, const Identities& identities,
                               const std::string& region, base::Time now) {
    const auto header = http::find_header(request.headers, "Authorization");
    if (!header) {
        return refuse_as(service, missing);
    }
    const auto authorization = aws::parse_authorization(*header);
    if (!authorization) {
        return refuse_as(service, incomplete, authorization.error().message);
    }
    const auto date = http::find_header(request.headers, "X-Amz-Date").value_or("");
    const auto signed_at = base::parse_basic_time(date);
    if (!signed_at) {
        return refuse_as(service, incomplete,
                         "Authorization header requires existence of an 'X-Amz-Date' header.");
    }
    const auto* identity = identities.find(authorization->access_key_id);
    const auto token = http::find_header(request.headers, "X-Amz-Security-Token").value_or("");
    if (identity == nullptr || !base::equal_in_constant_time(identity->credentials.session_token, token)) {
        return refuse_as(service, unknown_key);
    }
    if (identity->credentials.expiration && *identity->credentials.expiration <= now) {
        return refuse_as(service, expired_token);
    }
    const auto allowed = service == Service::sqs ? std::chrono::minutes{5} : std::chrono::minutes{15};
    if (auto wrong = skew(*signed_at, now, allowed); !wrong.empty()) {
        return refuse_as(service, skewed, std::move(wrong));
    }
    if (auto wrong = wrong_scope(*authorization, service, region, *signed_at); !wrong.empty()) {
        return refuse_as(service, wrong_signature, std::move(wrong));
    }
    const auto expected =
        aws::expected_signature(request, *authorization, identity->credentials.secret_access_key);
    if (!expected) {
        return refuse_as(service, incomplete, expected.error().message);
    }
    if (!base::equal_in_constant_time(expected->signature, authorization->signature)) {
        return refuse_as(service, wrong_signature);
    }
    return identity->principal;
}

Fault expired_credentials(Service service) {
    return refuse_as(service, expired_token).error();
}

std::string access_key_of(const http::Request& request) {
    const auto authorization =
        aws::parse_authorization(http::find_header(request.headers, "Authorization").value_or(""));
    return authorization ? authorization->access_key_id : std::string();
}

}  // namespace sim
