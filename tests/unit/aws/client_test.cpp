#include "aws/client.hpp"

#include "aws/ec2.hpp"
#include "aws/retry.hpp"
#include "aws/sts.hpp"
#include "base/text.hpp"
#include "client_world.hpp"
#include "samples.hpp"

namespace {

using namespace std::chrono_literals;
using Kind = http::TransportError::Kind;

constexpr auto throttled_body =
    "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slow</Message></Error></Errors></"
    "Response>";
constexpr auto no_capacity_body =
    "<Response><Errors><Error><Code>InsufficientInstanceCapacity</Code><Message>none</Message></Error></"
    "Errors>"
    "</Response>";

aws::Call terminate_call() {
    return aws::build_terminate_instances({"i-1"});
}

aws::Call unrepeatable_call() {
    auto call = terminate_call();
    call.repeatable = false;
    return call;
}

}  // namespace

TEST_CASE("client: a call is signed for its endpoint") {
    ClientWorld world;
    world.script.then(200, "answer");
    const auto answer = world.call(terminate_call());
    REQUIRE(answer.has_value());
    CHECK(answer->body == "answer");
    REQUIRE(world.script.asked.size() == 1);
    CHECK(world.script.asked[0].origin == http::Origin{true, "ec2.us-east-1.amazonaws.com", 443});
    CHECK(world.header(0, "Authorization")
              .starts_with("AWS4-HMAC-SHA256 Credential=KEY1/20260115/us-east-1/ec2/aws4_request, "
                           "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "));
    CHECK(world.header(0, "X-Amz-Date") == "20260115T120000Z");
    CHECK(world.header(0, "Host") == "ec2.us-east-1.amazonaws.com");
    CHECK_FALSE(world.header(0, "User-Agent").empty());
    REQUIRE(world.reports.size() == 1);
    CHECK(world.reports[0].operation == "TerminateInstances");
    CHECK_FALSE(world.reports[0].error);
}

TEST_CASE("client: an override changes the place, not the signature's scope") {
    ClientWorld world;
    world.settings.endpoint_urls[aws::Service::route53] = "http://127.0.0.1:4566/prefix/";
    world.script.then(200);
    aws::Call call;
    call.service = aws::Service::route53;
    call.request.target = "/2013-04-01/change/C1";
    CHECK(world.call(call).has_value());
    CHECK(world.script.asked[0].origin == http::Origin{false, "127.0.0.1", 4566});
    CHECK(world.script.asked[0].request.target == "/prefix/2013-04-01/change/C1");
    CHECK(world.header(0, "Authorization").find("/us-east-1/route53/aws4_request") != std::string::npos);
}

TEST_CASE("client: what passes is tried three times, each signed afresh") {
    ClientWorld world;
    world.script.then(503, throttled_body);
    world.script.then_fail(Kind::connect, false);
    world.script.answers.push_back([&world](const http::Request&) -> Script::Answer {
        world.now += 1s;
        return http::Response{200, {}, "third"};
    });
    const auto answer = world.call(terminate_call());
    REQUIRE(answer.has_value());
    CHECK(answer->body == "third");
    REQUIRE(world.reports.size() == 3);
    CHECK(world.reports[0].error->code == "RequestLimitExceeded");
    CHECK(world.reports[1].error->code == "ConnectFailed");
    CHECK(world.reports[2].attempt == 3);

    world.script.then(200);
    CHECK(world.call(terminate_call()).has_value());
    CHECK(world.header(3, "X-Amz-Date") == "20260115T120001Z");
}

TEST_CASE("client: after the last attempt its error is the answer") {
    ClientWorld world;
    for (int i = 0; i < 3; ++i) {
        world.script.then(500, error_body("InternalError"));
    }
    const auto answer = world.call(terminate_call());
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == "InternalError");
    CHECK(answer.error().outcome_unknown);
    CHECK(world.script.asked.size() == 3);
}

TEST_CASE("client: no capacity is no reason to ask again, though its status is 500") {
    ClientWorld world;
    world.script.then(500, no_capacity_body);
    const auto answer = world.call(terminate_call());
    CHECK(answer.error().kind == aws::ErrorClass::capacity);
    CHECK_FALSE(answer.error().outcome_unknown);
    CHECK(world.script.asked.size() == 1);
}

TEST_CASE("client: what must not happen twice is not repeated when it may have happened") {
    SUBCASE("a lost answer") {
        ClientWorld world;
        world.script.then_fail(Kind::timeout, true);
        const auto answer = world.call(unrepeatable_call());
        CHECK(answer.error().code == "Timeout");
        CHECK(answer.error().outcome_unknown);
        CHECK(world.script.asked.size() == 1);
    }
    SUBCASE("a server's fault") {
        ClientWorld world;
        world.script.then(500);
        CHECK(world.call(unrepeatable_call()).error().outcome_unknown);
        CHECK(world.script.asked.size() == 1);
    }
    SUBCASE("but it is when nothing was sent, or when it was only too fast") {
        ClientWorld world;
        world.script.then_fail(Kind::connect, false);
        world.script.then(503, throttled_body);
        world.script.then(200);
        CHECK(world.call(unrepeatable_call()).has_value());
        CHECK(world.script.asked.size() == 3);
    }
}

TEST_CASE("client: an unknown outcome stays unknown when the repeat is refused") {
    ClientWorld world;
    world.script.then_fail(Kind::reset, true);
    world.script.then(400, error_body("IncorrectInstanceState"));
    const auto answer = world.call(terminate_call());
    CHECK(answer.error().kind == aws::ErrorClass::conflict);
    CHECK(answer.error().outcome_unknown);
}

TEST_CASE("client: expired credentials are refreshed once") {
    ClientWorld world;
    world.script.then(400, error_body("ExpiredToken"));
    world.script.then(200);
    CHECK(world.call(terminate_call()).has_value());
    CHECK(world.header(1, "Authorization").find("Credential=KEY2/") != std::string::npos);

    world.script.then(400, error_body("RequestExpired"));
    world.script.then(400, error_body("RequestExpired"));
    CHECK(world.call(terminate_call()).error().kind == aws::ErrorClass::auth);
    CHECK(world.script.asked.size() == 4);
}

TEST_CASE("client: a wrong clock is put right at once, and stays right") {
    ClientWorld world;
    const http::Headers date = {{"Date", "Thu, 15 Jan 2026 12:10:00 GMT"}};
    world.script.then(403, error_body("SignatureDoesNotMatch", "Signature expired: ..."), date);
    world.script.then(200);
    world.script.then(200);
    CHECK(world.call(terminate_call()).has_value());
    CHECK(world.call(terminate_call()).has_value());
    CHECK(world.header(0, "X-Amz-Date") == "20260115T120000Z");
    CHECK(world.header(1, "X-Amz-Date") == "20260115T121000Z");
    CHECK(world.header(2, "X-Amz-Date") == "20260115T121000Z");

    // Our own clock was set meanwhile: the correction goes.
    world.now += 10min;
    world.script.then(403, error_body("SignatureDoesNotMatch", "Signature not yet current"), date);
    world.script.then(200);
    CHECK(world.call(terminate_call()).has_value());
    CHECK(world.header(4, "X-Amz-Date") == "20260115T121000Z");
}

TEST_CASE("client: a clock that is right is not the cause") {
    ClientWorld world;
    const http::Headers date = {{"Date", "Thu, 15 Jan 2026 12:01:00 GMT"}};
    world.script.then(403, error_body("SignatureDoesNotMatch", "wrong secret"), date);
    CHECK(world.call(terminate_call()).error().kind == aws::ErrorClass::auth);
    CHECK(world.script.asked.size() == 1);
}

TEST_CASE("client: plain HTTP may not set the clock") {
    ClientWorld world;
    world.settings.endpoint_urls[aws::Service::ec2] = "http://127.0.0.1:1";
    world.script.then(403, error_body("RequestTimeTooSkewed"), {{"Date", "Thu, 15 Jan 2026 12:10:00 GMT"}});
    CHECK(world.call(terminate_call()).error().kind == aws::ErrorClass::clock);
    CHECK(world.script.asked.size() == 1);
}

TEST_CASE("client: a deadline ends the retries and shortens the attempts") {
    ClientWorld world;
    world.script.then(503, "", {{"Retry-After", "3"}});
    const auto began = std::chrono::steady_clock::now();
    const auto answer = world.call(terminate_call(), 2s);
    CHECK(answer.error().status == 503);
    CHECK(std::chrono::steady_clock::now() - began < 2s);
    CHECK(world.script.asked.size() == 1);
    CHECK(world.script.asked[0].limits.total <= 2s);
    CHECK(world.script.asked[0].limits.connect <= 2s);

    CHECK(world.call(terminate_call(), 0s).error().code == "DeadlinePassed");
    CHECK(world.script.asked.size() == 1);
}

TEST_CASE("client: a long poll is given its time and some more") {
    ClientWorld world;
    world.script.then(200);
    auto call = terminate_call();
    call.server_time = 20s;
    CHECK(world.call(call, 60s).has_value());
    CHECK(world.script.asked[0].limits.total == 35s);
}

TEST_CASE("client: without credentials nothing is sent") {
    ClientWorld world;
    world.start();
    const aws::CredentialsSource none = aws::fixed_source("environment", std::nullopt);
    auto client =
        aws::Client::make({.executor = world.io.get_executor(),
                           .send = world.script.send(),
                           .credentials = std::make_shared<aws::CredentialsCache>(
                               world.io.get_executor(), std::vector{none}, [&world] { return world.now; }),
                           .wall_clock = [&world] { return world.now; },
                           .random = [] { return 0.0; },
                           .observe = {}},
                          world.settings);
    const auto identity = run(world.io, aws::Sts(**client).get_caller_identity({}));
    REQUIRE_FALSE(identity.has_value());
    CHECK(identity.error().kind == aws::ErrorClass::auth);
    CHECK(identity.error().message == "no AWS credentials are configured; looked in: environment");
    CHECK(world.script.asked.empty());
}

TEST_CASE("client: settings that cannot be used are named") {
    aws::Settings settings;
    CHECK(aws::Client::make({}, settings).error().message ==
          "no AWS region is set: set AWS_REGION, or region in the profile");
    settings.region = "us east";
    CHECK_FALSE(aws::Client::make({}, settings).has_value());
    settings.region = "us-east-1";
    settings.endpoint_urls[aws::Service::sqs] = "localhost:4566";
    CHECK(aws::Client::make({}, settings).error().message.find("the endpoint URL for sqs") !=
          std::string::npos);
}

TEST_CASE("client: a throttling answer slows its API down") {
    ClientWorld world;
    for (int i = 0; i < 3; ++i) {
        world.script.then(503, throttled_body);
    }
    // The bucket is empty after the first: the next token takes longer than the deadline has.
    CHECK(world.call(terminate_call(), 100ms).error().kind == aws::ErrorClass::throttled);
    CHECK(world.script.asked.size() == 1);
    CHECK(world.client->waiting().at(aws::Service::ec2) == 0);
}

TEST_CASE("retry: the quota ends retries and is given back by success") {
    aws::RetryQuota quota;
    aws::Error transient;
    aws::Error throttled;
    throttled.kind = aws::ErrorClass::throttled;
    int paid = 0;
    while (quota.pay(transient)) {
        ++paid;
    }
    CHECK(paid == 500 / 14);
    CHECK(quota.tokens() == 500 % 14);
    quota.refund(throttled);
    CHECK(quota.tokens() == 500 % 14 + 5);
    quota.refund(std::nullopt);
    CHECK(quota.tokens() == 500 % 14 + 6);
}

TEST_CASE("retry: pauses grow, are capped, and heed what AWS asks") {
    aws::Error transient;
    aws::Error throttled;
    throttled.kind = aws::ErrorClass::throttled;
    CHECK(aws::backoff(transient, 0, 1) == 50ms);
    CHECK(aws::backoff(transient, 2, 1) == 200ms);
    CHECK(aws::backoff(throttled, 1, 0.5) == 1s);
    CHECK(aws::backoff(throttled, 30, 1) == 20s);
    throttled.retry_after = 3s;
    CHECK(aws::backoff(throttled, 0, 0) == 3s);
    throttled.retry_after = 1h;
    CHECK(aws::backoff(throttled, 0, 1) == 6s);
}
