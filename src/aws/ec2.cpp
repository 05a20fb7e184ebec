#include "aws/ec2.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace aws {
namespace {

namespace asio = boost::asio;

/// Bounds of one walk. EC2 takes about 200 values in the filters of a call.
constexpr int pages_max = 500;
constexpr std::size_t ids_per_call = 200;

/// Ends at the last page, or with an error when there is no end in sight.
template <class Item, class Page>
asio::awaitable<Result<std::vector<Item>>> walk(Client* client, std::vector<Filter> filters,
                                                CallOptions options, Call (*build)(const DescribePageInput&),
                                                Result<Page> (*parse)(std::string_view),
                                                std::vector<Item> Page::* items) {
    std::vector<Item> all;
    DescribePageInput input;
    input.filters = std::move(filters);
    for (int number = 0; number < pages_max; ++number) {
        const auto response = co_await client->call(build(input), options);
        if (!response) {
            co_return std::unexpected(response.error());
        }
        options.has_turn_for = {};
        auto page = parse(response->body);
        if (!page) {
            co_return std::unexpected(page.error());
        }
        std::ranges::move((*page).*items, std::back_inserter(all));
        if (page->next_token.empty()) {
            co_return all;
        }
        input.next_token = std::move(page->next_token);
    }
    co_return unreadable("a Describe has more than 500 pages");
}

template <class Item, class Page>
asio::awaitable<Result<std::vector<Item>>> walk_ids(Client* client, std::string filter,
                                                    std::vector<std::string> ids, CallOptions options,
                                                    Call (*build)(const DescribePageInput&),
                                                    Result<Page> (*parse)(std::string_view),
                                                    std::vector<Item> Page::* items) {
    std::vector<Item> all;
    for (std::size_t from = 0; from < ids.size(); from += ids_per_call) {
        const auto first = ids.begin() + static_cast<std::ptrdiff_t>(from);
        const auto count = std::min(ids_per_call, ids.size() - from);
        std::vector<Filter> filters = {{filter, {first, first + static_cast<std::ptrdiff_t>(count)}}};
        auto part = co_await walk<Item, Page>(client, std::move(filters), options, build, parse, items);
        if (!part) {
            co_return std::unexpected(part.error());
        }
        std::ranges::move(*part, std::back_inserter(all));
    }
    co_return all;
}

/// EC2 refuses the whole call for one id that it does not know, or may not end.
bool may_be_one_id(const Error& error) {
    return error.kind == ErrorClass::not_found || error.kind == ErrorClass::invalid ||
           error.kind == ErrorClass::conflict || error.kind == ErrorClass::permission;
}

asio::awaitable<Result<std::vector<InstanceStateChange>>> terminate(Client* client,
                                                                    std::vector<std::string> ids,
                                                                    CallOptions options) {
    const auto response = co_await client->call(build_terminate_instances(ids), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_terminate_instances(response->body);
}

}  // namespace

asio::awaitable<Result<RequestSpotInstancesOutput>> Ec2::request_spot_instances(
    RequestSpotInstancesInput input, CallOptions options) {
    const auto response = co_await client_->call(build_request_spot_instances(input), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_request_spot_instances(response->body);
}

asio::awaitable<Result<std::vector<SpotRequest>>> Ec2::describe_spot_instance_requests(
    std::vector<Filter> filters, CallOptions options) {
    return walk(client_, std::move(filters), options, &build_describe_spot_instance_requests,
                &parse_describe_spot_instance_requests, &DescribeSpotInstanceRequestsPage::requests);
}

asio::awaitable<Result<std::vector<SpotRequest>>> Ec2::describe_spot_instance_requests_by_id(
    std::vector<std::string> ids, CallOptions options) {
    return walk_ids(client_, "spot-instance-request-id", std::move(ids), options,
                    &build_describe_spot_instance_requests, &parse_describe_spot_instance_requests,
                    &DescribeSpotInstanceRequestsPage::requests);
}

asio::awaitable<Result<std::vector<Instance>>> Ec2::describe_instances(std::vector<Filter> filters,
                                                                       CallOptions options) {
    return walk(client_, std::move(filters), options, &build_describe_instances, &parse_describe_instances,
                &DescribeInstancesPage::instances);
}

asio::awaitable<Result<std::vector<Instance>>> Ec2::describe_instances_by_id(std::vector<std::string> ids,
                                                                             CallOptions options) {
    return walk_ids(client_, "instance-id", std::move(ids), options, &build_describe_instances,
                    &parse_describe_instances, &DescribeInstancesPage::instances);
}

asio::awaitable<Result<std::vector<InstanceStatus>>> Ec2::describe_instance_status(
    std::vector<Filter> filters, CallOptions options) {
    return walk(client_, std::move(filters), options, &build_describe_instance_status,
                &parse_describe_instance_status, &DescribeInstanceStatusPage::statuses);
}

asio::awaitable<Result<std::vector<CancelledSpotRequest>>> Ec2::cancel_spot_instance_requests(
    std::vector<std::string> ids, CallOptions options) {
    const auto response = co_await client_->call(build_cancel_spot_instance_requests(ids), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_cancel_spot_instance_requests(response->body);
}

asio::awaitable<Result<TerminateInstancesOutput>> Ec2::terminate_instances(std::vector<std::string> ids,
                                                                           CallOptions options) {
    TerminateInstancesOutput output;
    auto together = co_await terminate(client_, ids, options);
    options.has_turn_for = {};
    if (together) {
        output.terminating = std::move(*together);
        co_return output;
    }
    if (ids.size() < 2 || !may_be_one_id(together.error())) {
        co_return std::unexpected(together.error());
    }
    for (auto& id : ids) {
        auto alone = co_await terminate(client_, {id}, options);
        if (alone) {
            std::ranges::move(*alone, std::back_inserter(output.terminating));
        } else {
            output.failed.emplace(std::move(id), std::move(alone.error()));
        }
    }
    co_return output;
}

asio::awaitable<Result<void>> Ec2::create_tags(CreateTagsInput input, CallOptions options) {
    const auto response = co_await client_->call(build_create_tags(input), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return Result<void>();
}

asio::awaitable<Result<CreateFleetOutput>> Ec2::create_fleet(CreateFleetInput input, CallOptions options) {
    const auto response = co_await client_->call(build_create_fleet(input), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_create_fleet(response->body);
}

asio::awaitable<Result<LaunchTemplate>> Ec2::create_launch_template(CreateLaunchTemplateInput input,
                                                                    CallOptions options) {
    const auto response = co_await client_->call(build_create_launch_template(input), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_create_launch_template(response->body);
}

asio::awaitable<Result<std::int64_t>> Ec2::create_launch_template_version(
    CreateLaunchTemplateVersionInput input, CallOptions options) {
    const auto response = co_await client_->call(build_create_launch_template_version(input), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_create_launch_template_version(response->body);
}

asio::awaitable<Result<std::vector<LaunchTemplate>>> Ec2::describe_launch_templates(
    std::vector<Filter> filters, CallOptions options) {
    return walk(client_, std::move(filters), options, &build_describe_launch_templates,
                &parse_describe_launch_templates, &DescribeLaunchTemplatesPage::templates);
}

asio::awaitable<Result<void>> Ec2::delete_launch_template(std::string name, CallOptions options) {
    const auto response = co_await client_->call(build_delete_launch_template(name), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return Result<void>();
}

asio::awaitable<Result<std::string>> Ec2::create_image(CreateImageInput input, CallOptions options) {
    const auto response = co_await client_->call(build_create_image(input), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_create_image(response->body);
}

asio::awaitable<Result<std::vector<Image>>> Ec2::describe_images(std::vector<Filter> filters,
                                                                 CallOptions options) {
    return walk(client_, std::move(filters), options, &build_describe_images, &parse_describe_images,
                &DescribeImagesPage::images);
}

asio::awaitable<Result<std::vector<Image>>> Ec2::describe_images_by_id(std::vector<std::string> ids,
                                                                       CallOptions options) {
    return walk_ids(client_, "image-id", std::move(ids), options, &build_describe_any_images,
                    &parse_describe_images, &DescribeImagesPage::images);
}

asio::awaitable<Result<void>> Ec2::deregister_image(std::string id, CallOptions options) {
    const auto response = co_await client_->call(build_deregister_image(id), options);
    if (!response) {
        auto error = response.error();
        // InvalidAMIID.Unavailable: "not yet" to a launch, "no more" here.
        if (error.kind == ErrorClass::not_yet_visible) {
            error.kind = ErrorClass::not_found;
        }
        co_return std::unexpected(std::move(error));
    }
    co_return Result<void>();
}

asio::awaitable<Result<std::vector<Snapshot>>> Ec2::describe_snapshots(std::vector<Filter> filters,
                                                                       CallOptions options) {
    return walk(client_, std::move(filters), options, &build_describe_snapshots, &parse_describe_snapshots,
                &DescribeSnapshotsPage::snapshots);
}

asio::awaitable<Result<void>> Ec2::delete_snapshot(std::string id, CallOptions options) {
    const auto response = co_await client_->call(build_delete_snapshot(id), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> Ec2::dry_run(Call call, CallOptions options) {
    call.request.body += "&DryRun=true";
    const auto response = co_await client_->call(std::move(call), options);
    if (!response && response.error().code != "DryRunOperation") {
        co_return std::unexpected(response.error());
    }
    co_return Result<void>();
}

}  // namespace aws
