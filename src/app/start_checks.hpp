#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "aws/ec2.hpp"
#include "aws/route53.hpp"
#include "aws/sqs.hpp"
#include "aws/sts.hpp"

namespace app {

/// What must be known of AWS before the loops begin.
struct Account {
    std::string id;
    std::string queue_url;
};

/// Why the start-up checks failed.
struct StartFailure {
    std::string reason;    ///< one sentence, or one for each fault
    bool mistake = false;  ///< AWS's answer is final: the configuration or a policy is wrong
};

template <class T>
using Checked = std::expected<T, StartFailure>;

/// Asks who we are and whether the queue can be used. `queue` is a URL or a name; `region` is where our calls
/// go. A FIFO queue, and one of another region, are refused.
boost::asio::awaitable<Checked<Account>> check_account(aws::Sts* sts, aws::Sqs* sqs, std::string queue,
                                                       std::string region, base::Duration timeout);

/// Asks for everything that we look at: a fault for each call that is not allowed.
boost::asio::awaitable<Checked<void>> check_reading(aws::Ec2* ec2, aws::Route53* route53,
                                                    base::Duration timeout);

/// Tries by dry run the calls that give a name its machine, with the tags that our things carry: a sentence
/// for each that is not allowed. A policy may allow it for some resources only, so that is no more than a
/// warning.
boost::asio::awaitable<std::vector<std::string>> check_writing(aws::Ec2* ec2, std::string store_id,
                                                               base::Duration timeout);

}  // namespace app
