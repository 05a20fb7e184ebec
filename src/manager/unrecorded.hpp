#pragma once

#include <set>
#include <string>

#include "aws/ec2.hpp"
#include "manager/executor.hpp"

namespace manager {

/// Something in EC2 that carries our store's tag and belongs to no record: it costs money, and is only
/// reported.
struct Orphan {
    std::string kind;  ///< `spot_request` or `machine`
    std::string id;
    std::string name;  ///< as its tag says

    auto operator<=>(const Orphan&) const = default;
};

/// What was launched and is not in the records.
struct Unrecorded {
    NamedFacts adopted;
    std::set<Orphan> orphans;
};

/// Sorts what carries the store's tag and has not ended. What is younger than a minute is no orphan yet: its
/// record may be on the way.
Unrecorded find_unrecorded(const std::vector<aws::SpotRequest>& requests,
                           const std::vector<aws::Instance>& machines, const Records& records,
                           base::Time now);

/// The filters by which a Describe gives what carries the store's tag and has not ended.
std::vector<aws::Filter> tagged_requests(const std::string& store_id);
std::vector<aws::Filter> tagged_machines(const std::string& store_id);

}  // namespace manager
