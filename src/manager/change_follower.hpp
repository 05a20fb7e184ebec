#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/route53.hpp"

namespace manager {

/// Looks how far Route 53's changes have come. Names written in one batch share its change: while a look at
/// it is under way, whoever asks waits for that one's answer.
class ChangeFollower {
  public:
    /// `route53` must outlive it.
    explicit ChangeFollower(aws::Route53& route53) : route53_(route53) {}

    boost::asio::awaitable<aws::Result<aws::ChangeInfo>> look(std::string change, aws::CallOptions options);

  private:
    using Answer =
        boost::asio::experimental::channel<void(boost::system::error_code, aws::Result<aws::ChangeInfo>)>;

    boost::asio::awaitable<aws::Result<aws::ChangeInfo>> ask(std::string change, aws::CallOptions options);

    aws::Route53& route53_;
    std::map<std::string, std::vector<std::shared_ptr<Answer>>> under_way_;  ///< by change: who waits
};

}  // namespace manager
