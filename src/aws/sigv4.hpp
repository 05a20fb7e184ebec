#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

/// Signature Version 4 in the Authorization header.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
namespace aws {

/// Where a signature counts: `20260115/us-east-1/ec2/aws4_request` without its date.
struct SigningScope {
    std::string region;
    std::string service;  ///< the signing name: `ec2`, `sqs`, `route53`, `sts`

    bool operator==(const SigningScope&) const = default;
};

struct SigningOptions {
    bool normalize_path = true;   ///< right for every service but S3
    bool content_sha256 = false;  ///< add and sign `x-amz-content-sha256`
};

/// A signature and the steps to it.
struct Signature {
    std::string canonical_request;
    std::string string_to_sign;
    std::string signature;      ///< hexadecimal
    std::string authorization;  ///< the header's value
};

/// The key that a signature is made with; it holds for (secret, day, region, service).
base::Sha256 signing_key(std::string_view secret_access_key, std::string_view day, const SigningScope& scope);

/// Keeps the derived keys of the few scopes in use.
class SigningKeys {
  public:
    /// `day` is `20260115`.
    base::Sha256 get(const std::string& secret_access_key, const std::string& day, const SigningScope& scope);

  private:
    struct Entry {
        std::string secret_access_key;
        std::string day;
        SigningScope scope;
        base::Sha256 key;
    };
    std::vector<Entry> entries_;
};

/// Signs `request`, which holds `Host`, in place: adds X-Amz-Date, X-Amz-Security-Token and Authorization.
/// Every header present is signed but those that a proxy may change. `time` is wall time.
Signature sign(http::Request& request, const Credentials& credentials, const SigningScope& scope,
               base::Time time, const SigningOptions& options = {}, SigningKeys* keys = nullptr);

/// An Authorization header, taken apart.
struct Authorization {
    std::string access_key_id;
    std::string day;  ///< `20260115`
    SigningScope scope;
    std::vector<std::string> signed_headers;  ///< lower case, as sent
    std::string signature;
};

/// The receiving side. The error says what is missing.
base::Result<Authorization> parse_authorization(std::string_view header);

/// Computes what the signature of a received request should have been, from the headers that it says are
/// signed. The error says which signed header is missing.
base::Result<Signature> expected_signature(const http::Request& received, const Authorization& authorization,
                                           std::string_view secret_access_key,
                                           const SigningOptions& options = {});

}  // namespace aws
