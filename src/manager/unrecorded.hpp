#pragma once

#include <map>
#include <set>
#include <string>

#include "aws/ec2.hpp"
#include "fleet/orphans.hpp"
#include "manager/executor.hpp"
#include "manager/image_sweep.hpp"

namespace manager {

/// Something in EC2 that carries our store's tag and belongs to no record.
struct Orphan {
    std::string kind;  ///< `spot_request`, `machine`, `launch_template`, `image` or `snapshot`
    std::string id;    ///< of a launch template its name
    std::string name;  ///< of the managed instance, as its tag says

    auto operator<=>(const Orphan&) const = default;
};

/// An image or a snapshot: these are looked for less often.
bool is_of_images(const Orphan& orphan);

/// What carries our store's tag in EC2 and has not ended.
struct Tagged {
    std::vector<aws::SpotRequest> requests;
    std::vector<aws::Instance> machines;
    std::vector<aws::LaunchTemplate> templates = {};
    TaggedImages made = {};
};

boost::asio::awaitable<aws::Result<Tagged>> find_tagged(aws::Ec2* ec2, std::string store_id,
                                                        aws::CallOptions options);

/// The launch templates that carry our store's tag.
boost::asio::awaitable<aws::Result<std::vector<aws::LaunchTemplate>>> find_templates(
    aws::Ec2* ec2, std::string store_id, aws::CallOptions options);

/// What this store still knows of the retired names that the tags mean, by uid. The error: it cannot be read.
using Graves = std::map<std::string, fleet::Grave>;
boost::asio::awaitable<base::Result<Graves>> find_graves(store::Store* store, const Tagged* tagged);

/// When each orphan was first seen, by id.
using FirstSeen = std::map<std::string, base::Time>;

/// What was launched and is not in the records.
struct Unrecorded {
    NamedFacts adopted;
    std::set<Orphan> orphans;
    std::set<Orphan> to_end;  ///< of the orphans
};

/// Sorts what carries the store's tag, by fleet::fate_of().
Unrecorded sort_unrecorded(const Tagged& tagged, const Records& records, const Graves& graves,
                           const FirstSeen& first_seen, base::Time now, const fleet::Policy& policy);

/// Cancels the spot requests, ends the machines, deletes the launch templates, images and snapshots. The
/// error is that of a call that failed; each is made.
boost::asio::awaitable<aws::Result<void>> end_orphans(aws::Ec2* ec2, std::set<Orphan> orphans,
                                                      aws::CallOptions options);

}  // namespace manager
