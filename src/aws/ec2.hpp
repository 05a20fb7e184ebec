#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"
#include "aws/ec2_fleet.hpp"
#include "aws/ec2_images.hpp"
#include "aws/ec2_types.hpp"

/// Amazon EC2, query calls and XML answers, version 2016-11-15.
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
namespace aws {

/// A one-time request for one machine that is terminated on interruption.
struct RequestSpotInstancesInput {
    std::string client_token;  ///< up to 64 ASCII; makes a repeat safe
    std::optional<base::Time> valid_until;
    std::string max_price;  ///< USD an hour; empty: capped at the on-demand price
    LaunchSpecification launch;
    Tags request_tags;  ///< of the spot request: this call cannot tag the machine
    int count = 1;
};

struct RequestSpotInstancesOutput {
    std::vector<SpotRequest> requests;
};

/// One page of a Describe. `next_token` is empty at the end; a page may be empty and still have one.
struct DescribePageInput {
    std::vector<Filter> filters;
    int results_max = 200;  ///< so that reading one answer never holds up the loop
    std::string next_token;
};

struct DescribeSpotInstanceRequestsPage {
    std::vector<SpotRequest> requests;
    std::string next_token;
};

struct DescribeInstancesPage {
    std::vector<Instance> instances;
    std::string next_token;
};

struct DescribeInstanceStatusPage {
    std::vector<InstanceStatus> statuses;
    std::string next_token;
};

struct CancelledSpotRequest {
    std::string id;
    std::string state;  ///< `cancelled`, `closed`, `active`, `completed`
};

struct TerminateInstancesOutput {
    std::vector<InstanceStateChange> terminating;
    std::map<std::string, Error> failed;  ///< by id: those that EC2 refused
};

struct CreateTagsInput {
    std::vector<std::string> resource_ids;
    Tags tags;
};

Call build_request_spot_instances(const RequestSpotInstancesInput& input);
Call build_describe_spot_instance_requests(const DescribePageInput& input);
Call build_cancel_spot_instance_requests(const std::vector<std::string>& ids);
Call build_describe_instances(const DescribePageInput& input);
Call build_describe_instance_status(const DescribePageInput& input);
Call build_terminate_instances(const std::vector<std::string>& ids);
Call build_create_tags(const CreateTagsInput& input);

Result<RequestSpotInstancesOutput> parse_request_spot_instances(std::string_view body);
Result<DescribeSpotInstanceRequestsPage> parse_describe_spot_instance_requests(std::string_view body);
Result<std::vector<CancelledSpotRequest>> parse_cancel_spot_instance_requests(std::string_view body);
Result<DescribeInstancesPage> parse_describe_instances(std::string_view body);
Result<DescribeInstanceStatusPage> parse_describe_instance_status(std::string_view body);
Result<std::vector<InstanceStateChange>> parse_terminate_instances(std::string_view body);

/// The client must outlive it. What the describes return is a complete walk of all pages, or an error: never
/// a part. Ids are asked for by filter, so one that EC2 does not know is only absent from the answer.
class Ec2 {
  public:
    explicit Ec2(Client& client) : client_(&client) {}

    boost::asio::awaitable<Result<RequestSpotInstancesOutput>> request_spot_instances(
        RequestSpotInstancesInput input, CallOptions options);

    boost::asio::awaitable<Result<std::vector<SpotRequest>>> describe_spot_instance_requests(
        std::vector<Filter> filters, CallOptions options);
    boost::asio::awaitable<Result<std::vector<SpotRequest>>> describe_spot_instance_requests_by_id(
        std::vector<std::string> ids, CallOptions options);

    boost::asio::awaitable<Result<std::vector<Instance>>> describe_instances(std::vector<Filter> filters,
                                                                             CallOptions options);
    boost::asio::awaitable<Result<std::vector<Instance>>> describe_instances_by_id(
        std::vector<std::string> ids, CallOptions options);

    /// Of running instances.
    boost::asio::awaitable<Result<std::vector<InstanceStatus>>> describe_instance_status(
        std::vector<Filter> filters, CallOptions options);

    /// Describe the requests afterwards: a fulfilment may have won.
    boost::asio::awaitable<Result<std::vector<CancelledSpotRequest>>> cancel_spot_instance_requests(
        std::vector<std::string> ids, CallOptions options);

    /// One id that EC2 refuses fails the whole call, so then each is sent alone and the refused ones are
    /// listed. With a single id its refusal is the error.
    boost::asio::awaitable<Result<TerminateInstancesOutput>> terminate_instances(std::vector<std::string> ids,
                                                                                 CallOptions options);

    boost::asio::awaitable<Result<void>> create_tags(CreateTagsInput input, CallOptions options);

    /// One machine, at once or not at all.
    boost::asio::awaitable<Result<CreateFleetOutput>> create_fleet(CreateFleetInput input,
                                                                   CallOptions options);

    /// A conflict when the name is taken.
    boost::asio::awaitable<Result<LaunchTemplate>> create_launch_template(CreateLaunchTemplateInput input,
                                                                          CallOptions options);
    /// The version's number.
    boost::asio::awaitable<Result<std::int64_t>> create_launch_template_version(
        CreateLaunchTemplateVersionInput input, CallOptions options);
    boost::asio::awaitable<Result<std::vector<LaunchTemplate>>> describe_launch_templates(
        std::vector<Filter> filters, CallOptions options);
    boost::asio::awaitable<Result<void>> delete_launch_template(std::string name, CallOptions options);

    /// The image's id; it is `pending` for minutes. A conflict when the name is taken.
    boost::asio::awaitable<Result<std::string>> create_image(CreateImageInput input, CallOptions options);
    /// Those of this account.
    boost::asio::awaitable<Result<std::vector<Image>>> describe_images(std::vector<Filter> filters,
                                                                       CallOptions options);
    /// Of any account. One that was deregistered is absent, or listed as `deregistered` for a while.
    boost::asio::awaitable<Result<std::vector<Image>>> describe_images_by_id(std::vector<std::string> ids,
                                                                             CallOptions options);
    /// Its snapshots stay. An image that is gone already is `not_found`.
    boost::asio::awaitable<Result<void>> deregister_image(std::string id, CallOptions options);
    /// Those of this account.
    boost::asio::awaitable<Result<std::vector<Snapshot>>> describe_snapshots(std::vector<Filter> filters,
                                                                             CallOptions options);
    /// A conflict while an image uses it, and for a while after that was deregistered.
    boost::asio::awaitable<Result<void>> delete_snapshot(std::string id, CallOptions options);

    /// Client::turn() and Client::pace() for an operation of EC2.
    boost::asio::awaitable<void> turn(std::string operation, Priority priority) {
        return client_->turn(Service::ec2, std::move(operation), priority);
    }
    std::optional<Rate> pace(std::string_view operation) { return client_->pace(Service::ec2, operation); }

    /// Asks whether a call would be allowed, without making it. The error is EC2's objection.
    boost::asio::awaitable<Result<void>> dry_run(Call call, CallOptions options);

  private:
    Client* client_;
};

}  // namespace aws
