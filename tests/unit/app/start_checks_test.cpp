#include "app/start_checks.hpp"

#include "../manager/world.hpp"

namespace {

using answers::item;

constexpr auto url = "https://sqs.us-east-1.amazonaws.com/123456789012/fleet";

const std::string identity =
    item("GetCallerIdentityResponse",
         item("GetCallerIdentityResult", item("Account", "123456789012") + item("UserId", "AIDA") +
                                             item("Arn", "arn:aws:iam::123456789012:user/manager")));
const std::string no_request = answers::spot_request("DescribeSpotInstanceRequests", "");

/// An account in which all is well.
void all_well(World& world) {
    world.fake.always("GetCallerIdentity", FakeAws::ok(identity));
    world.fake.always("GetQueueUrl", FakeAws::ok(std::string(R"({"QueueUrl":")") + url + R"("})"));
    world.fake.always("GetQueueAttributes", FakeAws::ok(R"({"Attributes":{"VisibilityTimeout":"30"}})"));
    world.fake.always("DescribeInstances", FakeAws::ok(answers::machines({})));
    world.fake.always("DescribeSpotInstanceRequests", FakeAws::ok(no_request));
    world.fake.always("ListHostedZonesByName", FakeAws::ok(answers::zones({})));
}

app::Checked<app::Account> check(World& world, const std::string& queue) {
    aws::Sts sts(*world.client);
    return world.run(app::check_account(&sts, world.sqs.get(), queue, "us-east-1", 5s));
}

}  // namespace

TEST_CASE("start checks: an account and a queue that can be used") {
    World world;
    all_well(world);
    for (const std::string queue : {"fleet", url}) {
        const auto account = check(world, queue);
        REQUIRE(account);
        CHECK(account->id == "123456789012");
        CHECK(account->queue_url == url);
    }
    CHECK(world.run(app::check_reading(world.ec2.get(), world.route53.get(), 5s)));
}

TEST_CASE("start checks: a mistake is told from a failure that may pass, each in a sentence") {
    World world;
    all_well(world);
    std::string queue = "fleet";
    std::string says;
    bool mistake = true;
    SUBCASE("credentials that nobody knows") {
        world.fake.always("GetCallerIdentity", FakeAws::refuse("InvalidClientTokenId", 403));
        says = "the credentials cannot be used (sts:GetCallerIdentity)";
    }
    SUBCASE("a queue that is not there") {
        world.fake.always("GetQueueUrl", FakeAws::refuse("AWS.SimpleQueueService.NonExistentQueue"));
        says = "the queue \"fleet\" cannot be found in region us-east-1";
    }
    SUBCASE("a queue that may not be used") {
        world.fake.always("GetQueueAttributes", FakeAws::refuse("AccessDenied", 403));
        says = "cannot be used (sqs:GetQueueAttributes)";
    }
    SUBCASE("a queue of another region") {
        queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/fleet";
        says = "is in region eu-west-1, and the configured region is us-east-1";
    }
    SUBCASE("a FIFO queue") {
        world.fake.always("GetQueueAttributes", FakeAws::ok(R"({"Attributes":{"FifoQueue":"true"}})"));
        says = "is a FIFO queue";
    }
    SUBCASE("AWS is away") {
        world.fake.always("GetCallerIdentity", FakeAws::refuse("ServiceUnavailable", 503));
        mistake = false;
    }
    SUBCASE("the network is away") {
        world.fake.always("GetQueueUrl", FakeAws::lose());
        mistake = false;
    }
    const auto account = check(world, queue);
    REQUIRE_FALSE(account);
    CHECK(account.error().mistake == mistake);
    CHECK(account.error().reason.contains(says));
}

TEST_CASE("start checks: every call that is not allowed is told, with its permission") {
    World world;
    all_well(world);
    world.fake.always("DescribeInstances", FakeAws::refuse("UnauthorizedOperation", 403));
    world.fake.always("ListHostedZonesByName", FakeAws::refuse("AccessDenied", 403));
    auto checked = world.run(app::check_reading(world.ec2.get(), world.route53.get(), 5s));
    REQUIRE_FALSE(checked);
    CHECK(checked.error().mistake);
    CHECK(checked.error().reason.contains("ec2:DescribeInstances fails"));
    CHECK(checked.error().reason.contains("route53:ListHostedZonesByName fails"));
    CHECK_FALSE(checked.error().reason.contains("DescribeSpotInstanceRequests"));
    // With one that may pass it is worth another try.
    world.fake.always("ListHostedZonesByName", FakeAws::refuse("InternalError", 500));
    checked = world.run(app::check_reading(world.ec2.get(), world.route53.get(), 5s));
    REQUIRE_FALSE(checked);
    CHECK_FALSE(checked.error().mistake);
}

TEST_CASE("start checks: the calls that give a name its machine are tried by dry run, tagged as ours") {
    World world;
    world.fake.always("RequestSpotInstances", FakeAws::refuse("UnauthorizedOperation", 403));
    world.fake.always("CreateTags", FakeAws::refuse("InvalidInstanceID.NotFound"));
    world.fake.always("DescribeInstanceStatus", FakeAws::refuse("DryRunOperation", 412));
    world.fake.always("CreateLaunchTemplate", FakeAws::refuse("DryRunOperation", 412));
    world.fake.always("CreateFleet", FakeAws::refuse("InvalidLaunchTemplateId.NotFound"));
    const auto refused = world.run(app::check_writing(world.ec2.get(), "store-1", 5s));
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].starts_with("ec2:RequestSpotInstances seems not to be allowed"));
    for (const auto* operation :
         {"RequestSpotInstances", "CreateTags", "CreateLaunchTemplate", "CreateFleet"}) {
        REQUIRE(world.fake.count(operation) == 1);
        CHECK(world.fake.asked(operation)[0].body.contains("DryRun=true"));
        CHECK(world.fake.asked(operation)[0].body.contains("store-1"));
    }
    world.fake.always("RequestSpotInstances", FakeAws::refuse("DryRunOperation", 412));
    CHECK(world.run(app::check_writing(world.ec2.get(), "store-1", 5s)).empty());
}
