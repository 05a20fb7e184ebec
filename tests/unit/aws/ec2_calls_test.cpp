#include "aws/ec2.hpp"
#include "client_world.hpp"
#include "samples.hpp"

TEST_CASE("ec2: a walk is complete or an error") {
    ClientWorld world;
    world.start();
    aws::Ec2 ec2(*world.client);
    SUBCASE("all pages") {
        world.script.then(200, samples::example("ec2/DescribeInstances-filter-page1.response.xml"));
        world.script.then(200, samples::example("ec2/DescribeInstances-filter-page2.response.xml"));
        const auto all = run(world.io, ec2.describe_instances({{"tag-key", {"pool"}}}, {}));
        REQUIRE(all.has_value());
        CHECK(world.script.asked.size() == 2);
        CHECK(samples::parameters(world.script.asked[1].request.body)
                  .contains("NextToken=eyJ2IjoiMiIsImMiOiJFWEFNUExFIn0="));
    }
    SUBCASE("a page fails") {
        world.script.then(200, samples::example("ec2/DescribeInstances-filter-page1.response.xml"));
        world.script.then(403, error_body("UnauthorizedOperation"));
        const auto part = run(world.io, ec2.describe_instances({}, {}));
        CHECK(part.error().kind == aws::ErrorClass::permission);
    }
    SUBCASE("many ids are asked for by filter, two hundred a call; none, not at all") {
        const std::vector<std::string> ids(201, "i-1");
        const std::string empty = "<DescribeInstancesResponse/>";
        world.script.then(200, empty);
        world.script.then(200, empty);
        CHECK(run(world.io, ec2.describe_instances_by_id(ids, {})).value().empty());
        CHECK(samples::parameters(world.script.asked[0].request.body).contains("Filter.1.Value.200=i-1"));
        CHECK(samples::parameters(world.script.asked[1].request.body).contains("Filter.1.Name=instance-id"));
        CHECK(run(world.io, ec2.describe_instances_by_id({}, {})).value().empty());
        CHECK(world.script.asked.size() == 2);
    }
}

TEST_CASE("ec2: one id that EC2 does not know does not save the others from their end") {
    ClientWorld world;
    world.start();
    const std::string ended =
        "<TerminateInstancesResponse><instancesSet><item><instanceId>i-2</instanceId><currentState><name>"
        "shutting-down</name></currentState></item></instancesSet></TerminateInstancesResponse>";
    world.script.then(400, error_body("InvalidInstanceID.NotFound"));
    world.script.then(400, error_body("InvalidInstanceID.NotFound"));
    world.script.then(200, ended);
    const auto output = run(world.io, aws::Ec2(*world.client).terminate_instances({"i-1", "i-2"}, {}));
    REQUIRE(output.has_value());
    CHECK(output->failed.at("i-1").kind == aws::ErrorClass::not_found);
    REQUIRE(output->terminating.size() == 1);
    CHECK(output->terminating[0].current == aws::InstanceState::shutting_down);
}

TEST_CASE("ec2: images and snapshots are walked to the last page") {
    ClientWorld world;
    world.start();
    aws::Ec2 ec2(*world.client);
    world.script.then(200,
                      "<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId></item></imagesSet>"
                      "<nextToken>more</nextToken></DescribeImagesResponse>");
    world.script.then(200, samples::example("ec2/DescribeImages.response.xml"));
    const auto images = run(world.io, ec2.describe_images({{"tag:pool", {"A"}}}, {}));
    REQUIRE(images.has_value());
    CHECK(images->size() == 2);
    CHECK(samples::parameters(world.script.asked[1].request.body).contains("NextToken=more"));
    world.script.then(
        200,
        "<DescribeSnapshotsResponse><nextToken>more</nextToken><snapshotSet/></DescribeSnapshotsResponse>");
    world.script.then(403, error_body("UnauthorizedOperation"));
    CHECK(run(world.io, ec2.describe_snapshots({}, {})).error().kind == aws::ErrorClass::permission);
}

TEST_CASE("ec2: an image that cannot be used yet is, when it is to be deregistered, gone already") {
    ClientWorld world;
    world.start();
    aws::Ec2 ec2(*world.client);
    for (const auto* code : {"InvalidAMIID.Unavailable", "InvalidAMIID.NotFound"}) {
        world.script.then(400, error_body(code));
        CHECK(run(world.io, ec2.deregister_image("ami-1", {})).error().kind == aws::ErrorClass::not_found);
    }
    world.script.then(400, error_body("InvalidSnapshot.InUse"));
    CHECK(run(world.io, ec2.delete_snapshot("snap-1", {})).error().kind == aws::ErrorClass::conflict);
}
