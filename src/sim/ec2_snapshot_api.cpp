#include <algorithm>

#include "base/contains.hpp"
#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/images.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

using Values = std::vector<std::string>;

const char* progress_of(const Snapshot& snapshot) {
    return snapshot.state == "completed" ? "100%" : "0%";
}

std::optional<Values> filter_values(const Snapshot& snapshot, const std::string& name,
                                    const Settings& settings) {
    if (auto tags = tag_values(snapshot.tags, name)) {
        return tags;
    }
    const std::pair<std::string_view, std::string> known[] = {
        {"snapshot-id", snapshot.id},
        {"volume-id", snapshot.volume_id},
        {"status", snapshot.state},
        {"description", snapshot.description},
        {"volume-size", std::to_string(snapshot.gib)},
        {"progress", progress_of(snapshot)},
        {"owner-id", settings.account},
    };
    const auto* const found =
        std::ranges::find(known, name, &std::pair<std::string_view, std::string>::first);
    return found == std::end(known) ? std::nullopt : std::optional(Values{found->second});
}

void write_snapshot(pugi::xml_node item, const Snapshot& snapshot, const Settings& settings) {
    add(item, "snapshotId", snapshot.id);
    add(item, "volumeId", snapshot.volume_id);
    add(item, "status", snapshot.state);
    add_time(item, "startTime", snapshot.started);
    add(item, "progress", progress_of(snapshot));
    add(item, "ownerId", settings.account);
    add_number(item, "volumeSize", snapshot.gib);
    add(item, "description", snapshot.description);
    add_flag(item, "encrypted", false);
    add(item, "storageTier", "standard");
    if (!snapshot.tags.empty()) {
        write_tags(item, snapshot.tags);
    }
}

}  // namespace

Answer<void> describe_snapshots(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto wanted = form.list("SnapshotId");
    const auto shown = cloud.show("DescribeSnapshots");
    for (const auto& id : wanted) {
        const auto known = shown.snapshots.find(id);
        if (known == shown.snapshots.end() || !cloud.images.visible(known->second.started)) {
            return refuse("InvalidSnapshot.NotFound", "The snapshot '" + id + "' does not exist.");
        }
    }
    const auto owners = form.list("Owner");
    const bool own =
        owners.empty() || base::contains(owners, "self") || base::contains(owners, cloud.settings.account);
    const auto filters = read_filters(form);
    std::vector<std::string> ids;
    for (const auto& [id, snapshot] : shown.snapshots) {
        const auto match = matches(
            filters, [&](const std::string& name) { return filter_values(snapshot, name, cloud.settings); });
        if (!match) {
            return std::unexpected(match.error());
        }
        const bool asked_for = wanted.empty() || base::contains(wanted, id);
        if (*match && own && asked_for && cloud.images.visible(snapshot.started)) {
            ids.push_back(id);
        }
    }
    const auto page = paginate(ids, form, 5);
    if (!page) {
        return std::unexpected(page.error());
    }
    auto set = response.append_child("snapshotSet");
    for (const auto& id : page->ids) {
        write_snapshot(set.append_child("item"), shown.snapshots.at(id), cloud.settings);
    }
    if (!page->next_token.empty()) {
        add(response, "nextToken", page->next_token);
    }
    return {};
}

Answer<void> delete_snapshot(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto id = form.required("SnapshotId");
    if (!id.empty() && !id.starts_with("snap-")) {
        form.refuse("InvalidSnapshotID.Malformed", "The snapshot '" + id + "' is not valid.");
    }
    if (form.fault()) {
        return std::unexpected(*form.fault());
    }
    if (const auto done = cloud.images.delete_snapshot(id); !done) {
        return done;
    }
    add_flag(response, "return", true);
    return {};
}

}  // namespace sim::ec2
