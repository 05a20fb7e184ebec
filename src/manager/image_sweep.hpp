#pragma once

#include <set>
#include <string>
#include <vector>

#include "aws/ec2.hpp"
#include "manager/executor.hpp"

/// What a sweep sees of images.
namespace manager {

/// What carries our store's tag.
struct TaggedImages {
    std::vector<aws::Image> images;
    std::vector<aws::Snapshot> snapshots;
};

boost::asio::awaitable<aws::Result<TaggedImages>> find_images(aws::Ec2* ec2, std::string store_id,
                                                              aws::CallOptions options);

/// What a complete look, begun at `asked`, tells that the records do not know: an image has become available,
/// has failed, is gone.
NamedFacts news_of(const std::vector<aws::Image>& images, const Records& records, base::Time asked);

/// It is to be looked at before the next complete look: it is pending, was told to have changed, or the last
/// look did not show it.
bool is_unsettled(const fleet::Image& image);

/// The ids of those.
std::set<std::string> unsettled_images(const Records& records);

/// What a look at images by their ids tells of them.
NamedFacts news_of(const std::vector<aws::Image>& images, const std::set<std::string>& ids,
                   const Records& records, base::Time asked);

/// EC2 describes the snapshot as one of an image of these.
bool is_of_one_of(const std::set<std::string>& images, const aws::Snapshot& snapshot);

/// Takes out the images and snapshots with these ids, and the snapshots of these images.
void leave_out(TaggedImages& found, std::set<std::string> ids);

/// Takes out what belongs to a chain that a retired name has left. The error: it cannot be read.
boost::asio::awaitable<base::Result<void>> leave_out_kept(store::Store* store, TaggedImages* found);

}  // namespace manager
