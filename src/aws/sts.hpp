#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "aws/client.hpp"

/// AWS STS, query protocol, version 2011-06-15. https://docs.aws.amazon.com/STS/latest/APIReference/
namespace aws {

/// Who the credentials are.
struct CallerIdentity {
    std::string account;
    std::string arn;
    std::string user_id;
};

Call build_get_caller_identity();
Result<CallerIdentity> parse_get_caller_identity(std::string_view body);

/// The client must outlive it.
class Sts {
  public:
    explicit Sts(Client& client) : client_(&client) {}

    /// Needs no permission: the test of credentials.
    boost::asio::awaitable<Result<CallerIdentity>> get_caller_identity(CallOptions options);

  private:
    Client* client_;
};

}  // namespace aws
