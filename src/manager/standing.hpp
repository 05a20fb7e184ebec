#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/route53.hpp"
#include "fleet/fact.hpp"

namespace manager {

/// What stands in a zone under some names.
struct Standing {
    std::map<std::string, std::vector<aws::ResourceRecordSet>>
        by_name;        ///< as asked, without a dot at the end
    bool apex = false;  ///< the zone's own SOA record was shown, which every zone has
};

/// Where a look at a zone begins: at the first of the names, or with the apex, to be sure of the zone.
enum class Begin { first_name, apex };

/// Looks in a zone for all of them. A page shows everything between its ends, so that many names take few
/// calls.
boost::asio::awaitable<aws::Result<Standing>> find_standing(aws::Route53* route53, std::string zone,
                                                            std::vector<std::string> names, Begin begin,
                                                            aws::CallOptions options);

/// What the records of one name say of its A record.
fleet::DnsSeen seen_in(const std::vector<aws::ResourceRecordSet>& records, fleet::Side side);

}  // namespace manager
