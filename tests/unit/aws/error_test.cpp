#include "aws/error.hpp"

#include <map>

#include "samples.hpp"

namespace {

namespace fs = std::filesystem;
using enum aws::ErrorClass;

http::Response answer(int status, std::string body) {
    return {.status = status, .headers = {}, .body = std::move(body)};
}

/// What each sample means; a sample without an entry fails.
const std::map<std::string, aws::ErrorClass> sample_classes = {
    {"dynamodb-conditional", conflict},
    {"dynamodb-throttled", throttled},
    {"dynamodb-tx-cancelled", conflict},
    {"dynamodb-unrecognized-client", auth},
    {"ec2-auth-failure", auth},
    {"ec2-instance-not-found", not_found},
    {"ec2-no-capacity", capacity},
    {"ec2-request-expired", auth},
    {"ec2-spot-quota", quota},
    {"ec2-throttled", throttled},
    {"ec2-unauthorized", permission},
    {"route53-invalid-batch-bare", invalid},
    {"route53-invalid-batch-wrapped", invalid},
    {"route53-no-zone", not_found},
    {"route53-prior-request", throttled},
    {"route53-throttled", throttled},
    {"sqs-bad-receipt-handle", invalid},
    {"sqs-bad-signature", clock},
    {"sqs-expired-token", auth},
    {"sqs-no-queue-without-query-header", not_found},
    {"sqs-no-queue", not_found},
    {"sqs-over-limit", throttled},
    {"sqs-throttled", throttled},
    {"sts-expired-identity-token", auth},
    {"sts-expired-token", auth},
    {"sts-idp", transient},
    {"sts-signature", clock},
};

}  // namespace

TEST_CASE("errors: every sample is read and classified") {
    std::size_t samples_seen = 0;
    const auto folder = fs::path(TEST_DATA) / "examples" / "errors";
    for (const auto& entry : fs::directory_iterator(folder)) {
        const auto file = entry.path().filename().string();
        const auto name = file.substr(0, file.find(".meta.json"));
        if (name == file) {
            continue;
        }
        INFO(name);
        ++samples_seen;
        const auto meta = samples::json(samples::read(entry.path()));
        const auto json_body = folder / (name + ".json");
        http::Response response;
        response.status = static_cast<int>(meta.at("http_status").as_int64());
        response.body = samples::read(fs::exists(json_body) ? json_body : folder / (name + ".xml"));
        for (const auto& [header, value] : meta.at("headers").as_object()) {
            response.headers.push_back({std::string(header), std::string(value.as_string())});
        }
        const auto error = aws::error_of(response);
        // The old query code is what SDKs report where it differs; this client goes by the shape's name.
        const auto code = std::string(meta.at("code").as_string());
        CHECK(error.code == (code == "AWS.SimpleQueueService.NonExistentQueue" ? "QueueDoesNotExist" : code));
        CHECK(error.message == std::string(meta.at("message").as_string()));
        CHECK(error.status == response.status);
        CHECK(error.request_id == "8f7724cf-496f-496e-8fe3-ec0EXAMPLE00");
        CHECK_FALSE(error.outcome_unknown);
        REQUIRE(sample_classes.contains(name));
        CHECK(aws::to_string(error.kind) == aws::to_string(sample_classes.at(name)));
    }
    CHECK(samples_seen == sample_classes.size());
}

TEST_CASE("errors: a change batch tells each of its faults") {
    const auto error = aws::error_of(answer(
        400,
        "<InvalidChangeBatch xmlns='x'><Messages><Message>one</Message><Message>two</Message></Messages>"
        "</InvalidChangeBatch>"));
    CHECK(error.code == "InvalidChangeBatch");
    CHECK(error.details == std::vector<std::string>{"one", "two"});
    CHECK(error.message == "one; two");
}

TEST_CASE("errors: a body that is none decides nothing") {
    const std::map<int, aws::ErrorClass> by_status = {{400, invalid},   {401, auth},      {403, permission},
                                                      {404, not_found}, {408, transient}, {409, conflict},
                                                      {429, throttled}, {500, transient}, {502, transient},
                                                      {503, transient}, {504, transient}, {302, invalid}};
    for (const auto* body : {"", "<html><body>Bad Gateway</body></html>", "<", "{", "[]", "null", "{\"a\":1}",
                             "\x01\x02", "<Response/>", "<ErrorResponse><Error/></ErrorResponse>"}) {
        for (const auto& [status, kind] : by_status) {
            const auto error = aws::error_of(answer(status, body));
            INFO(body << " with status " << status);
            CHECK(error.code == "HTTP" + std::to_string(status));
            CHECK(aws::to_string(error.kind) == aws::to_string(kind));
            CHECK(error.outcome_unknown == (status >= 500));
            CHECK_FALSE(error.message.empty());
        }
    }
}

TEST_CASE("errors: the code goes before the status") {
    CHECK(aws::classify("InsufficientInstanceCapacity", "", 500) == capacity);
    CHECK(aws::classify("Throttling", "", 400) == throttled);
    CHECK(aws::classify("VcpuLimitExceeded", "", 400) == quota);
    CHECK(aws::classify("RequestLimitExceeded", "", 503) == throttled);
    CHECK(aws::classify("InvalidAMIID.NotFound", "", 400) == not_found);
    CHECK(aws::classify("InvalidAMIID.Malformed", "", 400) == invalid);
    CHECK(aws::classify("InvalidAMIID.Unavailable", "", 400) == not_yet_visible);
    CHECK(aws::classify("InvalidAMIName.Duplicate", "", 400) == conflict);
    CHECK(aws::classify("InvalidSnapshot.InUse", "", 400) == conflict);
    CHECK(aws::classify("InvalidSnapshot.NotFound", "", 400) == not_found);
    CHECK(aws::classify("PendingSnapshotLimitExceeded", "", 400) == quota);
    CHECK(aws::classify("ConcurrentSnapshotLimitExceeded", "", 400) == quota);
    CHECK(aws::classify("ConcurrentCreateImageNoRebootLimitExceeded", "", 400) == quota);
    CHECK(aws::classify("SnapshotCreationPerVolumeRateExceeded", "", 400) == throttled);
    CHECK(aws::classify("IdempotentParameterMismatch", "", 400) == mismatch);
    CHECK(aws::classify("SignatureDoesNotMatch", "The request signature we calculated does not match", 403) ==
          auth);
    CHECK(aws::classify("SomethingNew", "", 500) == transient);
    CHECK(aws::classify("SomethingNew", "", 400) == invalid);
}

TEST_CASE("errors: a session token that AWS quotes goes no further") {
    const auto error = aws::error_of(answer(
        403,
        R"({"__type":"InvalidSignatureException","message":"The request signature does not match.\n\nThe )"
        R"(Canonical String for this request should have been\n'POST\nx-amz-security-token:SECRET'"})"));
    CHECK(error.kind == auth);
    CHECK(error.message == "The request signature does not match.");
}

TEST_CASE("errors: a lost answer leaves the outcome unknown, a failed connect does not") {
    const auto reset = aws::error_of(
        http::TransportError{http::TransportError::Kind::reset, true, false, "the connection was reset"});
    CHECK(reset.kind == transient);
    CHECK(reset.outcome_unknown);
    const auto refused =
        aws::error_of(http::TransportError{http::TransportError::Kind::connect, false, false, "refused"});
    CHECK_FALSE(refused.outcome_unknown);
    CHECK(aws::describe(refused) == "ConnectFailed: refused");
}

TEST_CASE("errors: what AWS asks us to wait is kept") {
    auto response = answer(503, "");
    response.headers = {{"x-amz-retry-after", "1500"}};
    CHECK(aws::error_of(response).retry_after == std::chrono::milliseconds(1500));
    response.headers = {{"Retry-After", "2"}};
    CHECK(aws::error_of(response).retry_after == std::chrono::seconds(2));
    response.headers = {{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}};
    CHECK_FALSE(aws::error_of(response).retry_after);
}
