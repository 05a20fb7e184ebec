#include "manager/image_sweep.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.hpp"
#include "manager/translate.hpp"

namespace manager {

namespace asio = boost::asio;

namespace {

bool is_followed(const fleet::Image& image, base::Time asked) {
    return image.origin == fleet::ImageOrigin::made && !image.id.empty() && !image.deregistered &&
           image.state != fleet::ImageState::failed && image.answered.value_or(asked) < asked;
}

bool is_news(const fleet::Image& known, const fleet::ImageDescribed& seen) {
    return known.state != seen.state || known.doubted || known.absences > 0 ||
           (!seen.snapshots.empty() && !known.removing && known.snapshots != seen.snapshots);
}

NamedFacts compare(const std::vector<aws::Image>& images, const Records& records, base::Time asked,
                   const std::function<bool(const fleet::Image&)>& was_looked_for) {
    std::map<std::string, const aws::Image*> seen;
    for (const auto& image : images) {
        seen[image.id] = &image;
    }
    NamedFacts facts;
    for (const auto& [name, record] : records) {
        for (const auto& image : record->images) {
            if (!was_looked_for(image)) {
                continue;
            }
            const auto found = seen.find(image.id);
            if (found == seen.end()) {
                facts.emplace_back(name, fleet::Fact{asked, fleet::ImageAbsent{image.id}});
            } else if (auto described = to_fact(*found->second); is_news(image, described)) {
                facts.emplace_back(name, fleet::Fact{asked, std::move(described)});
            }
        }
    }
    return facts;
}

void collect_names(std::set<std::string>& names, const auto& tagged) {
    for (const auto& one : tagged) {
        if (const auto name = one.tags.find(tag_name); name != one.tags.end()) {
            names.insert(name->second);
        }
    }
}

}  // namespace

bool is_of_one_of(const std::set<std::string>& images, const aws::Snapshot& snapshot) {
    return std::ranges::any_of(base::split(snapshot.description, ' '), [&](std::string_view word) {
        return word.starts_with("ami-") && images.contains(std::string(word));
    });
}

asio::awaitable<aws::Result<TaggedImages>> find_images(aws::Ec2* ec2, std::string store_id,
                                                       aws::CallOptions options) {
    const std::vector<aws::Filter> ours{{.name = std::string("tag:") + tag_store, .values = {store_id}}};
    auto images = co_await ec2->describe_images(ours, options);
    if (!images) {
        co_return std::unexpected(images.error());
    }
    auto snapshots = co_await ec2->describe_snapshots(ours, options);
    if (!snapshots) {
        co_return std::unexpected(snapshots.error());
    }
    co_return TaggedImages{std::move(*images), std::move(*snapshots)};
}

NamedFacts news_of(const std::vector<aws::Image>& images, const Records& records, base::Time asked) {
    return compare(images, records, asked,
                   [asked](const fleet::Image& image) { return is_followed(image, asked); });
}

bool is_unsettled(const fleet::Image& image) {
    return !image.id.empty() && !image.deregistered && !image.removing &&
           (image.state <= fleet::ImageState::pending || image.doubted || image.absences > 0);
}

std::set<std::string> unsettled_images(const Records& records) {
    std::set<std::string> ids;
    for (const auto& [name, record] : records) {
        for (const auto& image : record->images) {
            if (is_unsettled(image)) {
                ids.insert(image.id);
            }
        }
    }
    return ids;
}

NamedFacts news_of(const std::vector<aws::Image>& images, const std::set<std::string>& ids,
                   const Records& records, base::Time asked) {
    return compare(images, records, asked,
                   [&](const fleet::Image& image) { return is_unsettled(image) && ids.contains(image.id); });
}

void leave_out(TaggedImages& found, std::set<std::string> ids) {
    for (const auto& image : found.images) {
        if (ids.contains(image.id)) {
            ids.insert(image.snapshot_ids.begin(), image.snapshot_ids.end());
        }
    }
    std::erase_if(found.images, [&](const aws::Image& image) { return ids.contains(image.id); });
    std::erase_if(found.snapshots, [&](const aws::Snapshot& snapshot) {
        return ids.contains(snapshot.id) || is_of_one_of(ids, snapshot);
    });
}

asio::awaitable<base::Result<void>> leave_out_kept(store::Store* store, TaggedImages* found) {
    std::set<std::string> names;
    collect_names(names, found->images);
    collect_names(names, found->snapshots);
    const auto kept =
        co_await store->read([names = std::move(names)](const store::ReadTransaction& transaction) {
            std::set<std::string> ids;
            for (const auto& name : names) {
                for (const auto& image : transaction.kept_images(name).value_or(fleet::KeptImages{}).images) {
                    ids.insert(image.id);
                    ids.insert(image.snapshots.begin(), image.snapshots.end());
                }
            }
            return ids;
        });
    if (!kept) {
        co_return std::unexpected(kept.error());
    }
    leave_out(*found, *kept);
    co_return base::Result<void>{};
}

}  // namespace manager
