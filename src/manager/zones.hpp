#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <vector>

#include "aws/route53.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace manager {

/// Finds names' hosted zones. The account's zones are listed once for all names that ask within a minute:
/// Route 53 allows few calls.
class Zones {
  public:
    /// Both must outlive it.
    Zones(aws::Route53& route53, const base::Clock& clock) : route53_(route53), clock_(clock) {}

    /// The id of the zone with the longest name that `name` ends in, among private zones or among public
    /// ones. The error says that there is none, that two have the same name, or what Route 53 answered.
    boost::asio::awaitable<base::Result<std::string>> find(std::string name, bool private_zone,
                                                           aws::CallOptions options);

  private:
    /// Lists them anew, unless somebody just has or is about to.
    boost::asio::awaitable<base::Result<void>> refresh(aws::CallOptions options);
    boost::asio::awaitable<base::Result<void>> list(aws::CallOptions options);
    void end_listing();

    aws::Route53& route53_;
    const base::Clock& clock_;
    std::vector<aws::HostedZone> zones_;
    std::optional<base::Time> listed_;
    base::Result<void> outcome_;
    bool listing_ = false;
    std::vector<boost::asio::steady_timer*> waiting_;  ///< for the listing that is under way
};

}  // namespace manager
