#include "app/start_checks.hpp"

#include "base/text.hpp"
#include "manager/translate.hpp"

namespace app {

namespace asio = boost::asio;

using aws::ErrorClass;

namespace {

/// A repeat gives the same answer until a person has changed something.
bool is_mistake(const aws::Error& error) {
    return error.kind == ErrorClass::auth || error.kind == ErrorClass::permission ||
           error.kind == ErrorClass::not_found || error.kind == ErrorClass::invalid;
}

std::unexpected<StartFailure> failure(std::string what, const aws::Error& error) {
    return std::unexpected(StartFailure{std::move(what) + ": " + aws::describe(error), is_mistake(error)});
}

std::unexpected<StartFailure> mistake(std::string what) {
    return std::unexpected(StartFailure{std::move(what), true});
}

/// The region of a queue's URL as AWS writes it; empty for others.
std::string_view region_of(std::string_view url) {
    const auto host = base::split_once(base::split_once(url, '/').second, '/');
    const std::string_view name = host.second.substr(0, host.second.find_first_of("/:"));
    const auto [service, rest] = base::split_once(name, '.');
    return service == "sqs" && rest.contains(".amazonaws.com") ? base::split_once(rest, '.').first : "";
}

}  // namespace

asio::awaitable<Checked<Account>> check_account(aws::Sts* sts, aws::Sqs* sqs, std::string queue,
                                                std::string region, base::Duration timeout) {
    const auto options = [timeout] { return aws::CallOptions{.deadline = aws::Deadline::in(timeout)}; };
    if (const auto other = region_of(queue); !other.empty() && other != region) {
        co_return mistake("the queue " + queue + " is in region " + std::string(other) +
                          ", and the configured region is " + region);
    }
    const auto identity = co_await sts->get_caller_identity(options());
    if (!identity) {
        co_return failure("the credentials cannot be used (sts:GetCallerIdentity)", identity.error());
    }
    Account account{.id = identity->account, .queue_url = queue};
    if (!queue.contains("://")) {
        const auto found = co_await sqs->get_queue_url({.queue_name = queue}, options());
        if (!found) {
            co_return failure(
                "the queue \"" + queue + "\" cannot be found in region " + region + " (sqs:GetQueueUrl)",
                found.error());
        }
        account.queue_url = found->queue_url;
    }
    const auto attributes = co_await sqs->get_queue_attributes({.queue_url = account.queue_url}, options());
    if (!attributes) {
        co_return failure("the queue " + account.queue_url + " cannot be used (sqs:GetQueueAttributes)",
                          attributes.error());
    }
    const auto fifo = attributes->attributes.find("FifoQueue");
    if (account.queue_url.ends_with(".fifo") ||
        (fifo != attributes->attributes.end() && fifo->second == "true")) {
        co_return mistake("the queue " + account.queue_url +
                          " is a FIFO queue; EventBridge's events need a standard one");
    }
    co_return account;
}

asio::awaitable<Checked<void>> check_reading(aws::Ec2* ec2, aws::Route53* route53, base::Duration timeout) {
    const auto options = [timeout] { return aws::CallOptions{.deadline = aws::Deadline::in(timeout)}; };
    std::string faults;
    bool all_mistakes = true;
    const auto see = [&](const char* permission, const aws::Error& error) {
        faults += (faults.empty() ? "" : "; ") + std::string(permission) + " fails: " + aws::describe(error);
        all_mistakes = all_mistakes && is_mistake(error);
    };
    // By an id that nobody has, so that the answers are small.
    if (const auto found = co_await ec2->describe_instances_by_id({"i-00000000000000000"}, options());
        !found) {
        see("ec2:DescribeInstances", found.error());
    }
    if (const auto found = co_await ec2->describe_spot_instance_requests_by_id({"sir-00000000"}, options());
        !found) {
        see("ec2:DescribeSpotInstanceRequests", found.error());
    }
    if (const auto found = co_await route53->list_hosted_zones_by_name({.items_max = 1}, options()); !found) {
        see("route53:ListHostedZonesByName", found.error());
    }
    if (!faults.empty()) {
        co_return std::unexpected(StartFailure{std::move(faults), all_mistakes});
    }
    co_return Checked<void>{};
}

asio::awaitable<std::vector<std::string>> check_writing(aws::Ec2* ec2, std::string store_id,
                                                        base::Duration timeout) {
    const aws::Tags tags{{manager::tag_store, store_id}};
    aws::RequestSpotInstancesInput spot;
    spot.launch.image_id = "ami-00000000000000000";
    spot.launch.instance_type = "t3.small";
    spot.request_tags = tags;
    aws::CreateTagsInput tagging;
    tagging.resource_ids = {"i-00000000000000000"};
    tagging.tags = tags;
    aws::CreateLaunchTemplateInput launch_template;
    launch_template.name = "spot-manager-dry-run";
    launch_template.data.launch.image_id = "ami-00000000000000000";
    launch_template.tags = tags;
    const aws::CreateFleetInput fleet{.client_token = {},
                                      .template_id = "lt-00000000000000000",
                                      .template_version = "1",
                                      .overrides = {{"t3.small", "subnet-00000000000000000"}},
                                      .tags = tags};
    const std::vector calls{aws::build_request_spot_instances(spot), aws::build_create_tags(tagging),
                            aws::build_create_launch_template(launch_template),
                            aws::build_create_fleet(fleet), aws::build_describe_instance_status({})};
    std::vector<std::string> refused;
    for (const auto& call : calls) {
        const auto tried = co_await ec2->dry_run(call, {.deadline = aws::Deadline::in(timeout)});
        // What else EC2 objects to is about the ids, which nobody has.
        if (!tried && tried.error().kind == ErrorClass::permission) {
            refused.push_back("ec2:" + call.operation +
                              " seems not to be allowed: " + aws::describe(tried.error()));
        }
    }
    co_return refused;
}

}  // namespace app
