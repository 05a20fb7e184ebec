#include "aws/ec2_images.hpp"

#include "aws/ec2.hpp"
#include "samples.hpp"

namespace {

std::set<std::string> parameters_of(const std::string& example) {
    return samples::parameters(samples::request_example("ec2/" + example + ".request.txt").body);
}

}  // namespace

TEST_CASE("ec2: an image is asked for as in the example, tagged with its snapshots, without a reboot") {
    aws::CreateImageInput input{.instance_id = "i-0a1b2c3d4e5f60718",
                                .name = "workers-20260115",
                                .description = "nightly",
                                .tags = {{"pool", "A"}}};
    const auto call = aws::build_create_image(input);
    CHECK(call.operation == "CreateImage");
    CHECK(samples::parameters(call.request.body) == parameters_of("CreateImage"));
    // The name is taken by the first of two: a repeat makes no second image.
    CHECK(call.repeatable);

    input.no_reboot = false;
    CHECK(samples::parameters(aws::build_create_image(input).request.body).contains("NoReboot=false"));
    CHECK(aws::parse_create_image(samples::example("ec2/CreateImage.response.xml")) ==
          "ami-0fedcba9876543210");
}

TEST_CASE("ec2: images are looked for among our own, or by id among all") {
    const std::vector<aws::Filter> tagged = {{"tag:pool", {"A"}}};
    auto sent = samples::parameters(aws::build_describe_images({tagged, 200, "next"}).request.body);
    CHECK(sent.erase("MaxResults=200") == 1);
    CHECK(sent.erase("NextToken=next") == 1);
    CHECK(sent.erase("IncludeDisabled=true") == 1);
    CHECK(sent == parameters_of("DescribeImages"));

    sent = samples::parameters(
        aws::build_describe_any_images({{{"image-id", {"ami-1"}}}, 200, ""}).request.body);
    CHECK(sent.contains("Filter.1.Value.1=ami-1"));
    CHECK(sent.contains("IncludeDeprecated=true"));
    CHECK_FALSE(sent.contains("Owner.1=self"));

    sent = samples::parameters(aws::build_describe_snapshots({tagged, 200, ""}).request.body);
    for (const auto* wanted : {"Action=DescribeSnapshots", "Owner.1=self", "Filter.1.Name=tag:pool"}) {
        CHECK_MESSAGE(sent.contains(wanted), wanted);
    }
}

TEST_CASE("ec2: an image and a snapshot are removed as in the examples") {
    CHECK(samples::parameters(aws::build_deregister_image("ami-0fedcba9876543210").request.body) ==
          parameters_of("DeregisterImage"));
    CHECK(samples::parameters(aws::build_delete_snapshot("snap-0a1b2c3d4e5f60718").request.body) ==
          parameters_of("DeleteSnapshot"));
}

TEST_CASE("ec2: images are read as in the example") {
    const auto page = aws::parse_describe_images(samples::example("ec2/DescribeImages.response.xml"));
    REQUIRE(page.has_value());
    CHECK(page->next_token.empty());
    REQUIRE(page->images.size() == 1);
    const auto& image = page->images.front();
    CHECK(image.id == "ami-0fedcba9876543210");
    CHECK(image.name == "workers-20260115");
    CHECK(image.state == aws::ImageState::available);
    CHECK(image.state_reason.empty());
    CHECK(image.created == base::parse_time("2026-01-15T11:00:00Z"));
    CHECK(image.snapshot_ids == std::vector<std::string>{"snap-0a1b2c3d4e5f60718"});
    CHECK(image.tags == aws::Tags{{"pool", "A"}});
}

TEST_CASE("ec2: an image that failed tells why; one under way may not know its snapshots") {
    const auto page = aws::parse_describe_images(
        "<DescribeImagesResponse><imagesSet>"
        "<item><imageId>ami-1</imageId><imageState>failed</imageState><stateReason><code>Client.Internal"
        "</code><message>Snapshot failed</message></stateReason><blockDeviceMapping>"
        "<item><ebs><snapshotId>snap-1</snapshotId></ebs></item><item><virtualName>ephemeral0</virtualName>"
        "</item><item><ebs><snapshotId>snap-2</snapshotId></ebs></item></blockDeviceMapping></item>"
        "<item><imageId>ami-2</imageId><imageState>pending</imageState><blockDeviceMapping>"
        "<item><ebs/></item></blockDeviceMapping></item>"
        "</imagesSet><nextToken>more</nextToken></DescribeImagesResponse>");
    REQUIRE(page.has_value());
    CHECK(page->next_token == "more");
    REQUIRE(page->images.size() == 2);
    CHECK(page->images[0].state == aws::ImageState::failed);
    CHECK(page->images[0].state_reason == "Snapshot failed");
    CHECK(page->images[0].snapshot_ids == std::vector<std::string>{"snap-1", "snap-2"});
    CHECK(page->images[1].state == aws::ImageState::pending);
    CHECK(page->images[1].snapshot_ids.empty());
}

TEST_CASE("ec2: snapshots are read") {
    const auto page = aws::parse_describe_snapshots(
        "<DescribeSnapshotsResponse><snapshotSet><item><snapshotId>snap-1</snapshotId><volumeId>vol-1"
        "</volumeId><status>completed</status><startTime>2026-01-15T11:00:00.000Z</startTime><progress>100%"
        "</progress><description>Created by CreateImage(i-1) for ami-1</description><tagSet><item><key>pool"
        "</key><value>A</value></item></tagSet></item></snapshotSet></DescribeSnapshotsResponse>");
    REQUIRE(page.has_value());
    REQUIRE(page->snapshots.size() == 1);
    CHECK(page->snapshots[0].id == "snap-1");
    CHECK(page->snapshots[0].state == "completed");
    CHECK(page->snapshots[0].started == base::parse_time("2026-01-15T11:00:00Z"));
    CHECK(page->snapshots[0].description == "Created by CreateImage(i-1) for ami-1");
    CHECK(page->snapshots[0].tags == aws::Tags{{"pool", "A"}});
}

TEST_CASE("ec2: what has no id is not taken for an image or a snapshot") {
    CHECK_FALSE(aws::parse_create_image("<CreateImageResponse/>").has_value());
    CHECK_FALSE(aws::parse_describe_images(
                    "<DescribeImagesResponse><imagesSet><item/></imagesSet></DescribeImagesResponse>")
                    .has_value());
    CHECK_FALSE(aws::parse_describe_snapshots("<DescribeSnapshotsResponse><snapshotSet><item/></snapshotSet>"
                                              "</DescribeSnapshotsResponse>")
                    .has_value());
    CHECK_FALSE(aws::parse_describe_images("<DescribeSnapshotsResponse/>").has_value());
}

TEST_CASE("ec2: the states of an image are AWS's words") {
    for (const std::string word : {"pending", "available", "invalid", "deregistered", "transient", "failed",
                                   "error", "disabled", "unknown"}) {
        CHECK(aws::to_string(aws::parse_image_state(word)) == word);
    }
    CHECK(aws::parse_image_state("new-in-2030") == aws::ImageState::unknown);
}
