#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aws/credentials_cache.hpp"
#include "aws/credentials_chain.hpp"
#include "aws/credentials_environment.hpp"
#include "aws/credentials_imds.hpp"
#include "aws/credentials_profile.hpp"
#include "samples.hpp"
#include "script.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

const auto noon = base::parse_time("2026-01-15T12:00:00Z").value();

aws::Credentials credentials(const std::string& id, std::optional<base::Time> expiration = {}) {
    return {.access_key_id = id, .secret_access_key = "s", .session_token = "t", .expiration = expiration};
}

/// A source that can be told what it has, and counts.
struct Source {
    asio::io_context io;
    base::Time now = noon;
    aws::FoundCredentials has = std::nullopt;
    int asked = 0;

    aws::CredentialsCache cache{
        io.get_executor(), {{"test", [this] { return give(); }}}, [this] { return now; }};

    asio::awaitable<aws::FoundCredentials> give() {
        ++asked;
        // Like I/O: others come to wait meanwhile.
        asio::steady_timer timer(io, 1ms);
        co_await timer.async_wait(asio::use_awaitable);
        co_return has;
    }

    base::Result<aws::Credentials> get() { return run(io, cache.get()); }
};

}  // namespace

TEST_CASE("credentials: the environment's keys, whole or refused") {
    const auto found = [](std::map<std::string, std::string, std::less<>> values) {
        return aws::credentials_in(aws::Environment(std::move(values)));
    };
    CHECK(found({}).value() == std::nullopt);
    CHECK(found({{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "b"}, {"AWS_SESSION_TOKEN", "c"}})
              .value() == aws::Credentials{"a", "b", "c", {}});
    CHECK(found({{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", ""}}).error().message ==
          "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY");
    CHECK_FALSE(found({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}}).has_value());
}

TEST_CASE("credentials: a profile's keys, whole or refused") {
    aws::SharedConfig config;
    CHECK(aws::credentials_in(config).value() == std::nullopt);
    config.values = {{"aws_access_key_id", "a"}};
    CHECK(aws::credentials_in(config).error().message ==
          "the profile default has aws_access_key_id without aws_secret_access_key");
    config.values["aws_secret_access_key"] = "b";
    CHECK(aws::credentials_in(config).value()->secret_access_key == "b");
    config.values["role_arn"] = "arn:aws:iam::1:role/x";
    CHECK_FALSE(aws::credentials_in(config).has_value());
}

TEST_CASE("imds: the flow of version 2, token first") {
    asio::io_context io;
    Script script;
    auto metadata = aws::instance_metadata({}, script.send()).value();
    const std::string token = "AQAEALH-k7i18JMkK-ORLZQfAa7nkNjQbKwpQPExNHqzk1oL_7eh-A==";
    script.then(200, token);
    script.then(200, "i-1234567890abcdef0");
    CHECK(run(io, metadata->get("meta-data/instance-id")).value() == "i-1234567890abcdef0");
    REQUIRE(script.asked.size() == 2);
    CHECK(script.asked[0].origin == http::Origin{false, "169.254.169.254", 80});
    CHECK(script.asked[0].request.method == "PUT");
    CHECK(script.asked[0].request.target == "/latest/api/token");
    CHECK(http::find_header(script.asked[0].request.headers, "X-aws-ec2-metadata-token-ttl-seconds") ==
          "21600");
    CHECK(script.asked[1].request.target == "/latest/meta-data/instance-id");
    CHECK(http::find_header(script.asked[1].request.headers, "X-aws-ec2-metadata-token") == token);

    // The token is kept, for two calls here.
    script.then(200, "manager");
    script.then(200, samples::example("imds/security-credentials.json"));
    const auto found = run(io, aws::imds_source(metadata).fetch());
    REQUIRE(found.has_value());
    CHECK(found->value().access_key_id == "ASIAEXAMPLEEXAMPLE00");
    CHECK(found->value().expiration == base::parse_time("2026-01-15T17:54:09Z"));
    CHECK(script.asked.back().request.target == "/latest/meta-data/iam/security-credentials/manager");
    CHECK(script.asked.size() == 4);

    script.then(404);
    CHECK(run(io, metadata->get("meta-data/spot/instance-action")).value() == std::nullopt);

    // A refused token is replaced once.
    script.then(401);
    script.then(200, "other token");
    script.then(200, "us-east-1");
    CHECK(run(io, metadata->get("meta-data/placement/region")).value() == "us-east-1");
    CHECK(http::find_header(script.asked.back().request.headers, "X-aws-ec2-metadata-token") ==
          "other token");
    script.then(401);
    script.then(200, "third token");
    script.then(401);
    CHECK_FALSE(run(io, metadata->get("meta-data/placement/region")).has_value());
    CHECK(script.answers.empty());
}

TEST_CASE("imds: no role is no credentials, a failure is a sentence, version 1 is never tried") {
    asio::io_context io;
    Script script;
    auto metadata = aws::instance_metadata({}, script.send()).value();
    script.then(200, "token");
    script.then(404);
    CHECK(run(io, aws::imds_source(metadata).fetch()).value() == std::nullopt);
    script.then(200, "manager");
    script.then(200, samples::example("imds/security-credentials-failure.json"));
    CHECK(run(io, aws::imds_source(metadata).fetch()).error().message.find("AssumeRoleUnauthorizedAccess") !=
          std::string::npos);

    auto fresh = aws::instance_metadata({}, script.send()).value();
    script.then_fail(http::TransportError::Kind::timeout, true);
    const auto before = script.asked.size();
    CHECK_FALSE(run(io, fresh->get("meta-data/instance-id")).has_value());
    CHECK(script.asked.size() == before + 1);

    for (const auto* wrong : {"", "[]", "{}", R"({"Code":"Success","AccessKeyId":"a"})",
                              R"({"Code":"Success","AccessKeyId":"a","SecretAccessKey":"b","Token":"c"})"}) {
        CHECK_FALSE(aws::parse_imds_credentials(wrong).has_value());
    }
}

TEST_CASE("imds: the endpoint can be moved and switched off") {
    asio::io_context io;
    Script script;
    auto metadata = aws::instance_metadata(
        aws::Environment({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/base/"}}),
        script.send());
    script.then(200, "token");
    script.then(200, "x");
    CHECK(run(io, metadata.value()->get("meta-data/instance-id")).has_value());
    CHECK(script.asked[1].origin == http::Origin{false, "127.0.0.1", 1338});
    CHECK(script.asked[1].request.target == "/base/latest/meta-data/instance-id");
    CHECK(aws::instance_metadata(aws::Environment({{"AWS_EC2_METADATA_DISABLED", "true"}}), script.send())
              .value() == nullptr);
    CHECK_FALSE(
        aws::instance_metadata(aws::Environment({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "x"}}), script.send())
            .has_value());
}

TEST_CASE("chain: the first that has credentials gives them, the first that fails ends it") {
    asio::io_context io;
    const auto clock = [] { return noon; };
    const auto chain = [&](std::vector<aws::CredentialsSource> sources) {
        aws::CredentialsCache cache(io.get_executor(), std::move(sources), clock);
        return run(io, cache.get());
    };
    const auto none = aws::fixed_source("environment", std::nullopt);
    const auto some = aws::fixed_source("profile default", credentials("A"));
    const auto broken = aws::fixed_source("imds", base::fail("no answer"));
    CHECK(chain({none, some, broken}).value().access_key_id == "A");
    CHECK(chain({none, broken, some}).error().message == "imds: no answer");
    CHECK(chain({none}).error().message == "no AWS credentials are configured; looked in: environment");
    CHECK(aws::default_chain({}, {}, nullptr).size() == 2);
}

TEST_CASE("cache: credentials without end are asked for once") {
    Source source;
    source.has = credentials("A");
    CHECK(source.get()->access_key_id == "A");
    source.now += 24h * 365;
    CHECK(source.get()->access_key_id == "A");
    CHECK(source.asked == 1);
    CHECK(source.cache.source() == "test");
}

TEST_CASE("cache: refreshed in the background first, then by who waits") {
    Source source;
    source.has = credentials("A", noon + 1h);
    CHECK(source.get()->access_key_id == "A");
    source.has = credentials("B", noon + 2h);

    source.now = noon + 44min;
    CHECK(source.get()->access_key_id == "A");
    CHECK(source.asked == 1);
    source.now = noon + 46min;
    CHECK(source.get()->access_key_id == "A");
    CHECK(source.asked == 2);
    CHECK(source.get()->access_key_id == "B");

    source.has = credentials("C", noon + 3h);
    source.now = noon + 1h + 51min;
    CHECK(source.get()->access_key_id == "C");
    CHECK(source.asked == 3);
}

TEST_CASE("cache: many callers, one refresh") {
    Source source;
    source.has = credentials("A", noon + 1h);
    int served = 0;
    for (int i = 0; i < 10; ++i) {
        asio::co_spawn(source.io, source.cache.get(),
                       [&](const std::exception_ptr&, auto found) { served += found.has_value() ? 1 : 0; });
    }
    source.io.run();
    CHECK(served == 10);
    CHECK(source.asked == 1);
}

TEST_CASE("cache: while the source fails, what there is is used to its end and beyond") {
    Source source;
    source.has = credentials("A", noon + 1h);
    CHECK(source.get().has_value());
    source.has = base::fail("down");
    source.now = noon + 55min;
    CHECK(source.get()->access_key_id == "A");
    CHECK(source.get()->access_key_id == "A");
    CHECK(source.asked == 2);
    source.now = noon + 61min;
    CHECK(source.get()->access_key_id == "A");
    CHECK(source.asked == 3);
}

TEST_CASE("cache: may go while a refresh is under way") {
    asio::io_context io;
    int asked = 0;
    struct Never {
        static asio::awaitable<aws::FoundCredentials> give(int* asked) {
            ++*asked;
            asio::steady_timer timer(co_await asio::this_coro::executor,
                                     asio::steady_timer::time_point::max());
            co_await timer.async_wait(asio::use_awaitable);
            co_return std::nullopt;
        }
    };
    std::optional<aws::CredentialsCache> cache;
    cache.emplace(io.get_executor(),
                  std::vector<aws::CredentialsSource>{{"test", [&asked] { return Never::give(&asked); }}},
                  [] { return noon; });
    std::string answer;
    asio::co_spawn(io, cache->get(),
                   [&](const std::exception_ptr&, auto found) { answer = found.error().message; });
    while (asked == 0) {
        io.run_one();
    }
    cache.reset();
    io.run();
    CHECK(answer == "the refresh was interrupted");
}

TEST_CASE("cache: rejected credentials are replaced, and not given out when they cannot be") {
    Source source;
    source.has = credentials("A");
    const auto first = source.get().value();
    source.cache.reject(credentials("of long ago"));
    CHECK(source.get()->access_key_id == "A");
    CHECK(source.asked == 1);
    source.has = credentials("B");
    source.cache.reject(first);
    CHECK(source.get()->access_key_id == "B");
    source.has = base::fail("down");
    source.cache.reject(credentials("B"));
    CHECK(source.get().error().message == "test: down");
}
