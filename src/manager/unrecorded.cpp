#include "manager/unrecorded.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "manager/translate.hpp"

namespace manager {

namespace asio = boost::asio;

namespace {

constexpr const char* kind_request = "spot_request";
constexpr const char* kind_machine = "machine";
constexpr const char* kind_template = "launch_template";
constexpr const char* kind_image = "image";
constexpr const char* kind_snapshot = "snapshot";

std::string tag(const aws::Tags& tags, const char* key) {
    const auto found = tags.find(key);
    return found == tags.end() ? "" : found->second;
}

fleet::Stray stray_of(const std::string& id, const aws::Tags& tags, std::optional<base::Time> since) {
    const auto generation = base::parse_number(tag(tags, tag_generation));
    const bool sane = generation && *generation >= 1 && *generation <= INT32_MAX;
    return {.id = id,
            .name = tag(tags, tag_name),
            .uid = tag(tags, tag_uid),
            .generation = sane ? std::optional{static_cast<int>(*generation)} : std::nullopt,
            .token = tag(tags, tag_token),
            .since = since,
            .test = tags.contains(tag_test)};
}

/// Decides about one after the other.
class Sorter {
  public:
    Sorter(const Records& records, const Graves& graves, const FirstSeen& first_seen, base::Time now,
           const fleet::Policy& policy)
        : records_(records), graves_(graves), first_seen_(first_seen), now_(now), policy_(policy) {
        for (const auto& [name, record] : records) {
            const auto keys = fleet::keys_of(*record);
            known_.insert(keys.requests.begin(), keys.requests.end());
            known_.insert(keys.machines.begin(), keys.machines.end());
            for (const auto& image : record->images) {
                known_.insert({image.id, image.ami_name});
                known_.insert(image.snapshots.begin(), image.snapshots.end());
            }
        }
        known_.erase("");
    }

    void sort(const aws::SpotRequest& request) {
        if (known_.contains(request.id)) {
            return;
        }
        const auto stray = stray_of(request.id, request.tags, request.created);
        switch (fate_of(stray, true)) {
            case fleet::Fate::adopt:
                adopt(stray, request.id, {now_, to_fact(request)});
                break;
            case fleet::Fate::end:
                found_.to_end.insert({kind_request, request.id, stray.name});
                if (may_be_ended(request.instance_id, stray.uid)) {
                    found_.to_end.insert({kind_machine, request.instance_id, stray.name});
                }
                [[fallthrough]];
            case fleet::Fate::report:
                found_.orphans.insert({kind_request, request.id, stray.name});
                break;
            case fleet::Fate::wait:
                break;
        }
    }

    void sort(const aws::Instance& machine) {
        // A known spot request tells of its machine by itself.
        if (known_.contains(machine.id) || known_.contains(machine.spot_request_id)) {
            return;
        }
        const auto stray = stray_of(machine.id, machine.tags, machine.launched);
        const auto& request = machine.spot_request_id;
        // Only a fleet tags its machine with a token.
        const bool of_fleet = !stray.token.empty();
        switch (fate_of(stray, of_fleet || !request.empty())) {
            case fleet::Fate::adopt:
                if (of_fleet) {
                    adopt(stray, machine);
                } else {
                    adopt(stray, request, {now_, fleet::Fulfilled{request, machine.id}});
                }
                break;
            case fleet::Fate::end:
                found_.to_end.insert({kind_machine, machine.id, stray.name});
                [[fallthrough]];
            case fleet::Fate::report:
                found_.orphans.insert({kind_machine, machine.id, stray.name});
                break;
            case fleet::Fate::wait:
                break;
        }
    }

    /// One of a name that is there is found again by its own name.
    void sort(const aws::LaunchTemplate& launch_template) {
        const auto stray = stray_of(launch_template.name, launch_template.tags, launch_template.created);
        if (find_record(stray)) {
            return;
        }
        see(kind_template, stray);
    }

    /// One whose id EC2 has not told us yet is known by its name.
    void sort(const aws::Image& image) {
        if (known_.contains(image.id) || known_.contains(image.name)) {
            known_.insert(image.id);
            known_.insert(image.snapshot_ids.begin(), image.snapshot_ids.end());
            return;
        }
        see(kind_image, stray_of(image.id, image.tags, image.created));
    }

    /// After the images. Of one that is being made EC2 tells only here whose it is.
    void sort(const aws::Snapshot& snapshot) {
        if (!is_of_one_of(known_, snapshot) && !known_.contains(snapshot.id)) {
            see(kind_snapshot, stray_of(snapshot.id, snapshot.tags, snapshot.started));
        }
    }

    Unrecorded take() { return std::move(found_); }

  private:
    const fleet::Record* find_record(const fleet::Stray& stray) const {
        const auto record = records_.find(stray.name);
        const bool same = record != records_.end() && record->second->uid == stray.uid;
        return same ? record->second.get() : nullptr;
    }

    /// The machine of an orphaned spot request, unless its user keeps it.
    bool may_be_ended(const std::string& machine, const std::string& uid) const {
        const auto grave = graves_.find(uid);
        return !machine.empty() && !known_.contains(machine) && grave != graves_.end() &&
               grave->second.kept != machine;
    }

    fleet::Fate fate_of(const fleet::Stray& stray, bool adoptable) const {
        const auto grave = graves_.find(stray.uid);
        const auto seen = first_seen_.find(stray.id);
        const auto fate = fleet::fate_of(stray, find_record(stray),
                                         grave == graves_.end() ? std::nullopt : std::optional{grave->second},
                                         seen == first_seen_.end() ? now_ : seen->second, now_, policy_);
        return fate == fleet::Fate::adopt && !adoptable ? fleet::Fate::report : fate;
    }

    /// What no record can take in.
    void see(const char* kind, const fleet::Stray& stray) {
        const auto fate = fate_of(stray, false);
        if (fate == fleet::Fate::end) {
            found_.to_end.insert({kind, stray.id, stray.name});
        }
        if (fate == fleet::Fate::end || fate == fleet::Fate::report) {
            found_.orphans.insert({kind, stray.id, stray.name});
        }
    }

    void adopt(const fleet::Stray& stray, const std::string& request, fleet::Fact then) {
        const fleet::Adopted adopted{.generation = *stray.generation,
                                     .request = request,
                                     .token = stray.token,
                                     .late = true,
                                     .test = stray.test};
        found_.adopted.emplace_back(stray.name, fleet::Fact{now_, adopted});
        found_.adopted.emplace_back(stray.name, std::move(then));
        known_.insert(request);
    }

    void adopt(const fleet::Stray& stray, const aws::Instance& machine) {
        const fleet::Adopted adopted{.generation = *stray.generation,
                                     .request = {},
                                     .token = stray.token,
                                     .late = true,
                                     .machine = machine.id,
                                     .pool = to_pool(machine)};
        found_.adopted.emplace_back(stray.name, fleet::Fact{now_, adopted});
        found_.adopted.emplace_back(stray.name, fleet::Fact{now_, to_fact(machine)});
        known_.insert(machine.id);
    }

    const Records& records_;
    const Graves& graves_;
    const FirstSeen& first_seen_;
    base::Time now_;
    const fleet::Policy& policy_;
    std::set<std::string> known_;
    Unrecorded found_;
};

}  // namespace

bool is_of_images(const Orphan& orphan) {
    return orphan.kind == kind_image || orphan.kind == kind_snapshot;
}

asio::awaitable<aws::Result<Tagged>> find_tagged(aws::Ec2* ec2, std::string store_id,
                                                 aws::CallOptions options) {
    const aws::Filter ours{.name = std::string("tag:") + tag_store, .values = {store_id}};
    std::vector<aws::Filter> alive{ours, {.name = "state", .values = {"open", "active"}}};
    auto requests = co_await ec2->describe_spot_instance_requests(std::move(alive), options);
    if (!requests) {
        co_return std::unexpected(requests.error());
    }
    alive = {ours, {.name = "instance-state-name", .values = {"pending", "running", "stopping", "stopped"}}};
    auto machines = co_await ec2->describe_instances(std::move(alive), options);
    if (!machines) {
        co_return std::unexpected(machines.error());
    }
    co_return Tagged{std::move(*requests), std::move(*machines)};
}

asio::awaitable<aws::Result<std::vector<aws::LaunchTemplate>>> find_templates(aws::Ec2* ec2,
                                                                              std::string store_id,
                                                                              aws::CallOptions options) {
    const aws::Filter ours{.name = std::string("tag:") + tag_store, .values = {store_id}};
    std::vector<aws::Filter> filters{ours};
    co_return co_await ec2->describe_launch_templates(std::move(filters), options);
}

asio::awaitable<base::Result<Graves>> find_graves(store::Store* store, const Tagged* tagged) {
    std::set<std::string> uids;
    for (const auto& request : tagged->requests) {
        uids.insert(tag(request.tags, tag_uid));
    }
    for (const auto& machine : tagged->machines) {
        uids.insert(tag(machine.tags, tag_uid));
    }
    for (const auto& launch_template : tagged->templates) {
        uids.insert(tag(launch_template.tags, tag_uid));
    }
    for (const auto& image : tagged->made.images) {
        uids.insert(tag(image.tags, tag_uid));
    }
    for (const auto& snapshot : tagged->made.snapshots) {
        uids.insert(tag(snapshot.tags, tag_uid));
    }
    co_return co_await store->read([uids = std::move(uids)](const store::ReadTransaction& transaction) {
        Graves graves;
        for (const auto& uid : uids) {
            if (const auto stone = uid.empty() ? std::nullopt : transaction.tombstone(uid)) {
                graves[uid] = {.at = stone->at, .kept = stone->kept};
            }
        }
        return graves;
    });
}

Unrecorded sort_unrecorded(const Tagged& tagged, const Records& records, const Graves& graves,
                           const FirstSeen& first_seen, base::Time now, const fleet::Policy& policy) {
    Sorter sorter(records, graves, first_seen, now, policy);
    for (const auto& request : tagged.requests) {
        sorter.sort(request);
    }
    for (const auto& machine : tagged.machines) {
        sorter.sort(machine);
    }
    for (const auto& launch_template : tagged.templates) {
        sorter.sort(launch_template);
    }
    for (const auto& image : tagged.made.images) {
        sorter.sort(image);
    }
    for (const auto& snapshot : tagged.made.snapshots) {
        sorter.sort(snapshot);
    }
    return sorter.take();
}

asio::awaitable<aws::Result<void>> end_orphans(aws::Ec2* ec2, std::set<Orphan> orphans,
                                               aws::CallOptions options) {
    std::vector<std::string> requests;
    std::vector<std::string> machines;
    aws::Result<void> done;
    for (const auto& orphan : orphans) {
        aws::Result<void> answer;
        if (orphan.kind == kind_template) {
            answer = co_await ec2->delete_launch_template(orphan.id, options);
        } else if (orphan.kind == kind_image) {
            answer = co_await ec2->deregister_image(orphan.id, options);
        } else if (orphan.kind == kind_snapshot) {
            answer = co_await ec2->delete_snapshot(orphan.id, options);
        } else {
            (orphan.kind == kind_request ? requests : machines).push_back(orphan.id);
        }
        done = answer || answer.error().kind == aws::ErrorClass::not_found ? done : answer;
    }
    if (!requests.empty()) {
        const auto answer = co_await ec2->cancel_spot_instance_requests(std::move(requests), options);
        done = answer ? done : std::unexpected(answer.error());
    }
    if (!machines.empty()) {
        const auto answer = co_await ec2->terminate_instances(std::move(machines), options);
        if (!answer) {
            done = std::unexpected(answer.error());
        } else if (!answer->failed.empty()) {
            done = std::unexpected(answer->failed.begin()->second);
        }
    }
    co_return done;
}

}  // namespace manager
