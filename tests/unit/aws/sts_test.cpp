#include "aws/sts.hpp"

#include "samples.hpp"

TEST_CASE("sts: who we are") {
    const auto call = aws::build_get_caller_identity();
    CHECK(call.request.body == samples::request_example("sts/GetCallerIdentity.request.txt").body);
    const auto identity =
        aws::parse_get_caller_identity(samples::example("sts/GetCallerIdentity.response.xml"));
    REQUIRE(identity.has_value());
    CHECK(identity->account == "123456789012");
    CHECK(identity->arn == "arn:aws:sts::123456789012:assumed-role/manager/m1");
    CHECK(identity->user_id == "AROAEXAMPLEEXAMPLE00:m1");
    CHECK_FALSE(aws::parse_get_caller_identity("<GetCallerIdentityResponse/>").has_value());
}
