#include "aws/sigv4.hpp"

#include <cstdlib>

#include "samples.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t vectors_expected = 31;

fs::path vectors_folder() {
    const char* other = std::getenv("SPOT_MANAGER_SIGV4_VECTORS");
    return other != nullptr ? fs::path(other) : fs::path(TEST_DATA) / "sigv4-vectors";
}

std::string text_at(const boost::json::value& value, const char* key) {
    const auto* found = value.as_object().if_contains(key);
    return found != nullptr ? std::string(found->as_string()) : std::string();
}

bool flag_at(const boost::json::value& value, const char* key) {
    const auto* found = value.as_object().if_contains(key);
    return found != nullptr && found->as_bool();
}

/// Without the line end that a file may have.
std::string expected(const fs::path& file) {
    auto text = samples::read(file);
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    return text;
}

void check_vector(const fs::path& folder) {
    INFO(folder.string());
    const auto context = samples::json(samples::read(folder / "context.json"));
    const auto& keys = context.at("credentials");
    aws::Credentials credentials{.access_key_id = text_at(keys, "access_key_id"),
                                 .secret_access_key = text_at(keys, "secret_access_key"),
                                 .session_token = text_at(keys, "token"),
                                 .expiration = {}};
    if (flag_at(context, "omit_session_token")) {
        credentials.session_token.clear();
    }
    const aws::SigningScope scope{.region = text_at(context, "region"),
                                  .service = text_at(context, "service")};
    const aws::SigningOptions options{.normalize_path = flag_at(context, "normalize"),
                                      .content_sha256 = flag_at(context, "sign_body")};
    const auto time = base::parse_time(text_at(context, "timestamp")).value();

    auto request = samples::parse_request(samples::read(folder / "request.txt"));
    const auto signature = aws::sign(request, credentials, scope, time, options);

    CHECK(signature.canonical_request == expected(folder / "header-canonical-request.txt"));
    CHECK(signature.string_to_sign == expected(folder / "header-string-to-sign.txt"));
    CHECK(signature.signature == expected(folder / "header-signature.txt"));
    const auto signed_request = samples::parse_request(samples::read(folder / "header-signed-request.txt"));
    CHECK(http::find_header(request.headers, "Authorization") ==
          http::find_header(signed_request.headers, "Authorization"));
}

const aws::Credentials example_credentials{.access_key_id = "AKIDEXAMPLE",
                                           .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                           .session_token = {},
                                           .expiration = {}};

/// Signs what the example sends, from its own body, and compares the Authorization header.
void check_example(const fs::path& file, const std::string& service) {
    INFO(file.string());
    const auto sent = samples::parse_request(samples::read(file));
    const auto authorization = http::find_header(sent.headers, "Authorization");
    if (!authorization) {
        return;  // AssumeRoleWithWebIdentity is not signed.
    }
    auto request = sent;
    auto credentials = example_credentials;
    credentials.session_token =
        base::trim(http::find_header(sent.headers, "X-Amz-Security-Token").value_or(""));
    for (const auto* name : {"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "Content-Length"}) {
        std::erase_if(request.headers, [&](const auto& header) { return header.name == name; });
    }
    aws::sign(request, credentials, {.region = "us-east-1", .service = service},
              base::parse_basic_time("20260115T120000Z").value());
    CHECK(http::find_header(request.headers, "Authorization") == base::trim(*authorization));

    // The receiving side comes to the same.
    const auto parsed = aws::parse_authorization(base::trim(*authorization));
    REQUIRE(parsed.has_value());
    const auto again = aws::expected_signature(sent, *parsed, example_credentials.secret_access_key);
    REQUIRE(again.has_value());
    CHECK(again->signature == parsed->signature);
}

}  // namespace

TEST_CASE("sigv4: every published vector") {
    std::size_t vectors = 0;
    for (const auto& entry : fs::directory_iterator(vectors_folder())) {
        if (fs::exists(entry.path() / "context.json")) {
            ++vectors;
            check_vector(entry.path());
        }
    }
    CHECK(vectors >= vectors_expected);
}

TEST_CASE("sigv4: the examples' signatures, from their own bodies, on both sides") {
    std::size_t examples = 0;
    for (const std::string service : {"sqs", "ec2", "route53", "sts"}) {
        for (const auto& entry : fs::directory_iterator(fs::path(TEST_DATA) / "examples" / service)) {
            if (entry.path().string().ends_with(".request.txt")) {
                ++examples;
                check_example(entry.path(), service);
            }
        }
    }
    CHECK(examples >= 53);
}

TEST_CASE("sigv4: a changed byte changes the signature") {
    http::Request request;
    request.method = "POST";
    request.headers = {{"Host", "sqs.us-east-1.amazonaws.com"}};
    request.body = "{}";
    const auto time = base::parse_basic_time("20260115T120000Z").value();
    aws::sign(request, example_credentials, {.region = "us-east-1", .service = "sqs"}, time);
    const auto parsed =
        aws::parse_authorization(http::find_header(request.headers, "Authorization").value()).value();
    const auto secret = example_credentials.secret_access_key;
    CHECK(aws::expected_signature(request, parsed, secret)->signature == parsed.signature);

    auto other_body = request;
    other_body.body = "{ }";
    CHECK(aws::expected_signature(other_body, parsed, secret)->signature != parsed.signature);
    auto other_path = request;
    other_path.target = "/?x";
    CHECK(aws::expected_signature(other_path, parsed, secret)->signature != parsed.signature);
    CHECK(aws::expected_signature(request, parsed, "other secret")->signature != parsed.signature);
    auto other_host = request;
    other_host.headers.front().value = "example.com";
    CHECK(aws::expected_signature(other_host, parsed, secret)->signature != parsed.signature);
    auto no_host = request;
    no_host.headers.erase(no_host.headers.begin());
    CHECK(aws::expected_signature(no_host, parsed, secret).error().message ==
          "the signed header host is missing");
}

TEST_CASE("sigv4: what is no Authorization header is refused in a sentence") {
    for (const auto* wrong :
         {"", "Bearer x", "AWS4-HMAC-SHA256",
          "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
          "AWS4-HMAC-SHA256 Credential=a/20260115/r/s/aws4_request, SignedHeaders=, Signature=0",
          "AWS4-HMAC-SHA256 Credential=a/20260115/r/s/aws4_request, SignedHeaders=host"}) {
        const auto parsed = aws::parse_authorization(wrong);
        CHECK_MESSAGE(!parsed.has_value(), wrong);
    }
}

TEST_CASE("sigv4: headers that a proxy may change are not signed") {
    http::Request request;
    request.headers = {{"Host", "x"}, {"User-Agent", "y"}, {"Connection", "keep-alive"}};
    const auto signature = aws::sign(request, example_credentials, {.region = "r", .service = "s"}, {});
    CHECK(signature.canonical_request.find("host;x-amz-date\n") != std::string::npos);
}

TEST_CASE("sigv4: derived keys are kept for each scope") {
    aws::SigningKeys keys;
    for (int round = 0; round < 2; ++round) {
        for (const std::string region : {"us-east-1", "eu-west-1"}) {
            const aws::SigningScope scope{.region = region, .service = "ec2"};
            CHECK(keys.get("secret", "20260115", scope) == aws::signing_key("secret", "20260115", scope));
        }
    }
}
