#include "app/aws_access.hpp"

#include "aws/credentials_chain.hpp"
#include "base/clock.hpp"

namespace app {

namespace asio = boost::asio;

AwsAccess::AwsAccess(asio::any_io_executor executor, aws::Environment environment, aws::SharedConfig shared,
                     aws::Settings settings)
    : executor_(std::move(executor)),
      environment_(std::move(environment)),
      shared_(std::move(shared)),
      settings_(std::move(settings)),
      http_(executor_, settings_.http) {}

base::Result<std::unique_ptr<AwsAccess>> AwsAccess::load(const asio::any_io_executor& executor) {
    auto environment = aws::Environment::of_process();
    auto shared = aws::load_shared_config(environment);
    if (!shared) {
        return std::unexpected(shared.error());
    }
    auto settings = aws::load_settings(environment, *shared);
    if (!settings) {
        return std::unexpected(settings.error());
    }
    return std::unique_ptr<AwsAccess>(
        new AwsAccess(executor, std::move(environment), std::move(*shared), std::move(*settings)));
}

asio::awaitable<base::Result<void>> AwsAccess::open(std::function<void(const aws::AttemptReport&)> observe) {
    auto metadata = aws::instance_metadata(environment_, aws::send_by(http_));
    if (!metadata) {
        co_return std::unexpected(metadata.error());
    }
    metadata_ = *metadata;
    if (settings_.region.empty()) {
        settings_.region = co_await region_of_this_machine();
    }
    if (settings_.region.empty()) {
        co_return base::fail("no AWS region is set: say it by AWS_REGION or in the profile");
    }
    auto credentials = std::make_shared<aws::CredentialsCache>(
        executor_, aws::default_chain(environment_, shared_, metadata_), base::wall_now);
    auto client =
        aws::Client::make({.executor = executor_,
                           .send = aws::send_by(http_),
                           .credentials = std::move(credentials),
                           .wall_clock = base::wall_now,
                           .random = [this] { return std::uniform_real_distribution<double>{}(random_); },
                           .observe = std::move(observe)},
                          settings_);
    if (!client) {
        co_return std::unexpected(client.error());
    }
    client_ = std::move(*client);
    sqs_ = std::make_unique<aws::Sqs>(*client_);
    ec2_ = std::make_unique<aws::Ec2>(*client_);
    route53_ = std::make_unique<aws::Route53>(*client_);
    sts_ = std::make_unique<aws::Sts>(*client_);
    co_return base::Result<void>{};
}

void AwsAccess::close() {
    sqs_.reset();
    ec2_.reset();
    route53_.reset();
    sts_.reset();
    client_.reset();
}

/// Empty when we are not on EC2.
asio::awaitable<std::string> AwsAccess::region_of_this_machine() {
    if (!metadata_) {
        co_return "";
    }
    const auto region = co_await metadata_->get("meta-data/placement/region");
    co_return region ? region->value_or("") : "";
}

}  // namespace app
