#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "aws/ec2.hpp"
#include "aws/environment.hpp"
#include "aws/imds.hpp"
#include "aws/route53.hpp"
#include "aws/shared_config.hpp"
#include "aws/sqs.hpp"
#include "aws/sts.hpp"
#include "http/client.hpp"

namespace app {

/// The way to AWS as AWS's own settings say: region, endpoints, credentials, proxies, trust.
class AwsAccess {
  public:
    /// Reads the environment and the shared files; blocks on the disk. The error names the setting.
    static base::Result<std::unique_ptr<AwsAccess>> load(const boost::asio::any_io_executor& executor);

    /// Finds the region where no setting says it, and makes the client; the services can be used from then
    /// on.
    boost::asio::awaitable<base::Result<void>> open(std::function<void(const aws::AttemptReport&)> observe);

    /// Ends what the client does by itself: a refresh of the credentials would keep the program waiting.
    void close();

    const std::string& region() const { return settings_.region; }
    aws::Sqs& sqs() { return *sqs_; }
    aws::Ec2& ec2() { return *ec2_; }
    aws::Route53& route53() { return *route53_; }
    aws::Sts& sts() { return *sts_; }

  private:
    AwsAccess(boost::asio::any_io_executor executor, aws::Environment environment, aws::SharedConfig shared,
              aws::Settings settings);

    boost::asio::awaitable<std::string> region_of_this_machine();

    boost::asio::any_io_executor executor_;
    aws::Environment environment_;
    aws::SharedConfig shared_;
    aws::Settings settings_;
    http::Client http_;
    std::mt19937_64 random_{std::random_device{}()};
    std::shared_ptr<aws::InstanceMetadata> metadata_;
    std::unique_ptr<aws::Client> client_;
    std::unique_ptr<aws::Sqs> sqs_;
    std::unique_ptr<aws::Ec2> ec2_;
    std::unique_ptr<aws::Route53> route53_;
    std::unique_ptr<aws::Sts> sts_;
};

}  // namespace app
