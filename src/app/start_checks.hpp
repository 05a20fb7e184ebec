#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "aws/sqs.hpp"
#include "aws/sts.hpp"
#include "base/result.hpp"

namespace app {

/// What must be known of AWS before the loops begin.
struct Account {
    std::string id;
    std::string queue_url;
};

/// Why the start-up checks failed.
struct StartFailure {
    std::string reason;  ///< a sentence
    bool final = false;  ///< trying again cannot help: the configuration is wrong
};

/// Asks who we are and whether the queue can be used. `queue` is a URL or a name. A FIFO queue is refused.
boost::asio::awaitable<std::expected<Account, StartFailure>> check_account(aws::Sts* sts, aws::Sqs* sqs,
                                                                           std::string queue,
                                                                           base::Duration timeout);

}  // namespace app
