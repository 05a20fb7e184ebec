#include "manager/sweeper.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/log.hpp"
#include "fleet/launch.hpp"
#include "manager/drift.hpp"
#include "manager/machine_statuses.hpp"
#include "manager/pause.hpp"
#include "manager/translate.hpp"

namespace manager {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

/// Ids, each with its name, of what has not ended for all that we know.
using Known = std::map<std::string, std::string>;

Known requests_of(const Records& records) {
    Known requests;
    for (const auto& [name, record] : records) {
        for (const auto* launch : fleet::all_launches(*record)) {
            for (const auto& attempt : launch->attempts) {
                // An active request tells when its machine is marked to be taken.
                if (attempt.request && !attempt.closed && !attempt.surplus && !launch->lost) {
                    requests[*attempt.request] = name;
                }
            }
        }
    }
    return requests;
}

Known machines_of(const Records& records) {
    Known machines;
    for (const auto& [name, record] : records) {
        for (const auto* launch : fleet::all_launches(*record)) {
            if (launch->machine && !launch->terminated) {
                machines[*launch->machine] = name;
            }
            for (const auto& attempt : launch->attempts) {
                if (attempt.surplus && !attempt.surplus_ended) {
                    machines[*attempt.surplus] = name;
                }
            }
        }
    }
    return machines;
}

std::vector<std::string> ids_of(const Known& known) {
    std::vector<std::string> ids;
    for (const auto& [id, name] : known) {
        ids.push_back(id);
    }
    return ids;
}

std::map<std::string, std::vector<PublishedName>> published_in(const Records& records) {
    std::map<std::string, std::vector<PublishedName>> zones;
    for (const auto& [name, record] : records) {
        for (const auto side : {fleet::Side::private_, fleet::Side::public_}) {
            const auto& dns = record->dns(side);
            const auto& wanted = record->dns_name(side);
            if (wanted && dns.zone_id && dns.published && dns.published->in_sync && !dns.unanswered &&
                !dns.cleared) {
                zones[*dns.zone_id].push_back({name, side, wanted->name});
            }
        }
    }
    return zones;
}

}  // namespace

Sweeper::Sweeper(Desk& desk, aws::Ec2& ec2, aws::Route53& route53, const Executor& executor,
                 Heartbeats& heartbeats, const Settings& settings, Metrics& metrics)
    : desk_(desk),
      ec2_(ec2),
      route53_(route53),
      executor_(executor),
      heartbeats_(heartbeats),
      settings_(settings),
      metrics_(metrics) {}

asio::awaitable<void> Sweeper::run() {
    while (true) {
        const bool complete = co_await sweep();
        metrics_.sweep(complete);
        co_await sleep(settings_.sweep_every);
    }
}

asio::awaitable<bool> Sweeper::adopt() {
    co_return co_await tell(co_await look_for_unrecorded());
}

asio::awaitable<bool> Sweeper::sweep() {
    // What was launched and not recorded first: then it is looked at like all others.
    bool complete = co_await adopt();
    complete = co_await tell(co_await look_at_requests()) && complete;
    complete = co_await tell(co_await look_at_machines()) && complete;
    complete = co_await tell(co_await look_at_statuses()) && complete;
    complete = co_await tell(co_await look_at_unsettled_images()) && complete;
    co_return co_await look_at_dns() && complete;
}

asio::awaitable<bool> Sweeper::tell(Seen seen) {
    if (!seen) {
        co_return false;
    }
    const auto learned = co_await desk_.learn(std::move(*seen));
    for (const auto& entry : learned.history) {
        metrics_.finding(entry.event);
    }
    co_return learned.all;
}

asio::awaitable<Sweeper::Seen> Sweeper::look_at_requests() {
    const auto requests = requests_of(executor_.records());
    NamedFacts facts;
    if (requests.empty()) {
        co_return facts;
    }
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_spot_instance_requests_by_id(ids_of(requests), begin_look());
    if (!found) {
        co_return failed("spot_requests", found.error());
    }
    for (const auto& request : *found) {
        if (const auto known = requests.find(request.id); known != requests.end()) {
            facts.emplace_back(known->second, fleet::Fact{asked, to_fact(request)});
        }
    }
    co_return facts;
}

asio::awaitable<Sweeper::Seen> Sweeper::look_at_machines() {
    auto unseen = machines_of(executor_.records());
    NamedFacts facts;
    if (unseen.empty()) {
        co_return facts;
    }
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_instances_by_id(ids_of(unseen), begin_look());
    if (!found) {
        co_return failed("machines", found.error());
    }
    for (const auto& instance : *found) {
        if (const auto known = unseen.extract(instance.id)) {
            facts.emplace_back(known.mapped(), fleet::Fact{asked, to_fact(instance)});
        }
    }
    // The walk was complete: what it did not show was absent.
    for (const auto& [machine, name] : unseen) {
        facts.emplace_back(name, fleet::Fact{asked, fleet::MachineAbsent{machine}});
    }
    co_return facts;
}

asio::awaitable<Sweeper::Seen> Sweeper::look_at_statuses() {
    if (machines_of(executor_.records()).empty()) {
        co_return NamedFacts{};
    }
    const auto asked = desk_.now();
    const auto troubled = co_await find_troubled(&ec2_, begin_look());
    if (!troubled) {
        co_return failed("statuses", troubled.error());
    }
    co_return news_of(*troubled, executor_.records(), asked);
}

asio::awaitable<Sweeper::Seen> Sweeper::look_at_unsettled_images() {
    const auto ids = unsettled_images(executor_.records());
    if (ids.empty()) {
        co_return NamedFacts{};
    }
    const auto asked = desk_.now();
    const auto found = co_await ec2_.describe_images_by_id({ids.begin(), ids.end()}, begin_look());
    if (!found) {
        co_return failed("images", found.error());
    }
    co_return news_of(*found, ids, executor_.records(), asked);
}

asio::awaitable<Sweeper::Seen> Sweeper::look_for_unrecorded() {
    const auto asked = desk_.now();
    auto tagged = co_await find_tagged(&ec2_, desk_.store().id(), begin_look());
    if (!tagged) {
        co_return failed("tagged", tagged.error());
    }
    // Machines are found also where templates may not be listed.
    if (auto templates = co_await find_templates(&ec2_, desk_.store().id(), begin_look())) {
        tagged->templates = std::move(*templates);
    } else {
        failed("templates", templates.error());
    }
    const bool saw_images = asked >= next_image_look_ && co_await look_at_images(&tagged->made);
    const auto graves = co_await find_graves(&desk_.store(), &*tagged);
    if (!graves) {
        log::write(log::Level::warning, "sweep_failed",
                   {{"look", "tagged"}, {"reason", graves.error().message}});
        co_return std::nullopt;
    }
    // The records as they are now: what was recorded meanwhile is known.
    auto found = sort_unrecorded(*tagged, executor_.records(), *graves, first_seen_, asked, settings_.policy);
    keep_orphaned_images(found, saw_images);
    tell_of(found.orphans, asked);
    if (!found.to_end.empty()) {
        co_await end(std::move(found.to_end));
    }
    if (saw_images) {
        next_image_look_ = asked + settings_.image_sweep_every;
        std::ranges::move(news_of(tagged->made.images, executor_.records(), asked),
                          std::back_inserter(found.adopted));
    }
    co_return std::move(found.adopted);
}

/// All images and snapshots of a fleet are many pages: between the looks at them what the last one found
/// stands.
void Sweeper::keep_orphaned_images(Unrecorded& found, bool saw_images) {
    if (saw_images) {
        orphaned_images_.clear();
        std::ranges::copy_if(
            found.orphans, std::inserter(orphaned_images_, orphaned_images_.end()),
            [&](const Orphan& orphan) { return is_of_images(orphan) && !found.to_end.contains(orphan); });
    }
    found.orphans.insert(orphaned_images_.begin(), orphaned_images_.end());
}

/// False when not all could be seen: machines are looked after all the same.
asio::awaitable<bool> Sweeper::look_at_images(TaggedImages* made) {
    auto images = co_await find_images(&ec2_, desk_.store().id(), begin_look());
    if (!images) {
        failed("images", images.error());
        co_return false;
    }
    if (const auto left = co_await leave_out_kept(&desk_.store(), &*images); !left) {
        log::write(log::Level::warning, "sweep_failed",
                   {{"look", "images"}, {"reason", left.error().message}});
        co_return false;
    }
    *made = std::move(*images);
    co_return true;
}

asio::awaitable<void> Sweeper::end(std::set<Orphan> orphans) {
    for (const auto& orphan : orphans) {
        log::write(log::Level::warning, "orphan_ended",
                   {{"kind", orphan.kind},
                    {"id", orphan.id},
                    {"name", orphan.name},
                    {"text", "it is of a name that this store has retired"}});
        metrics_.finding("ended_" + orphan.kind);
    }
    if (const auto done = co_await end_orphans(&ec2_, std::move(orphans), begin_look()); !done) {
        log::write(log::Level::error, "orphans_not_ended", {{"reason", aws::describe(done.error())}});
    }
}

asio::awaitable<bool> Sweeper::look_at_dns() {
    bool complete = true;
    for (auto& [zone, names] : published_in(executor_.records())) {
        const auto asked = desk_.now();
        auto seen = co_await look_at_zone(&route53_, zone, std::move(names), asked, begin_look());
        const bool told = co_await tell(seen ? Seen{std::move(*seen)} : failed("dns", seen.error()));
        complete = complete && told;
    }
    co_return complete;
}

aws::CallOptions Sweeper::begin_look() {
    heartbeats_.beat("sweeper", desk_.now(), settings_.sweep_every + 3 * settings_.call_timeout);
    return {.priority = aws::priority_background, .deadline = aws::Deadline::in(settings_.call_timeout)};
}

Sweeper::Seen Sweeper::failed(const char* look, const aws::Error& error) const {
    log::write(log::Level::warning, "sweep_failed", {{"look", look}, {"reason", aws::describe(error)}});
    return std::nullopt;
}

void Sweeper::tell_of(const std::set<Orphan>& orphans, base::Time asked) {
    FirstSeen first_seen;
    std::map<std::string, std::size_t> by_kind;
    for (const auto& orphan : orphans) {
        ++by_kind[orphan.kind];
        const auto known = first_seen_.find(orphan.id);
        const bool is_new = known == first_seen_.end();
        first_seen.emplace(orphan.id, is_new ? asked : known->second);
        if (!is_new) {
            continue;
        }
        metrics_.finding("orphan_" + orphan.kind);
        log::write(log::Level::warning, "orphan",
                   {{"kind", orphan.kind},
                    {"id", orphan.id},
                    {"name", orphan.name},
                    {"text", "it carries this store's tag, belongs to no record, and may cost money"}});
    }
    first_seen_ = std::move(first_seen);
    metrics_.orphans(by_kind);
}

}  // namespace manager
