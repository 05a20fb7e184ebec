#include <algorithm>
#include <array>

#include "fleet/launch.hpp"
#include "simulation/manager.hpp"

/// The sweeper's looks.
namespace simulation {

using namespace fleet;

namespace {

constexpr Duration worth_a_look_for = 20min;

}  // namespace

void Manager::sweep() {
    after(stage_.settings.sweep_every - stage_.chance.between(0s, 10s), [this] {
        world_.ec2.pass_time(stage_.now());
        transact([](Reception& reception) { reception.expire_unclaimed(); });
        if (!stage_.chance.percent(stage_.settings.failed)) {
            NamedFacts seen = look_at_requests(world_.read());
            if (stage_.settings.sweeps_at_rest) {
                std::ranges::move(look_at_what_is_tagged(world_.read()), std::back_inserter(seen));
            }
            std::ranges::move(look_at_machines(world_.read()), std::back_inserter(seen));
            std::ranges::move(look_at_health(world_.read()), std::back_inserter(seen));
            std::ranges::move(look_at_images(world_.read()), std::back_inserter(seen));
            std::ranges::move(look_at_dns(), std::back_inserter(seen));
            after(latency(), [this, seen = std::move(seen)] {
                transact([&](Reception& reception) {
                    for (auto [name, fact] : seen) {
                        fact.at = fact.at == Time{} ? stage_.now() : fact.at;
                        reception.tell(name, fact);
                    }
                });
            });
        }
        sweep();
    });
}

/// A name of which nothing was told for a while is as it will be found, unless messages get lost.
bool Manager::is_swept(const Record& record) const {
    const auto changed = changed_.find(record.name());
    return stage_.settings.sweeps_at_rest ||
           (changed != changed_.end() && stage_.now() - changed->second < worth_a_look_for);
}

Manager::NamedFacts Manager::look_at_requests(const ModelEc2& seen) const {
    NamedFacts facts;
    for (const auto& [name, record] : ledger_.records()) {
        if (!is_swept(record)) {
            continue;
        }
        for (const auto* launch : all_launches(record)) {
            for (const auto& attempt : launch->attempts) {
                if (attempt.request && !attempt.closed && !attempt.surplus && !launch->lost &&
                    seen.requests.contains(*attempt.request)) {
                    facts.emplace_back(name, Fact{stage_.now(), seen.describe_request(*attempt.request)});
                }
            }
        }
    }
    return facts;
}

Manager::NamedFacts Manager::look_at_machines(const ModelEc2& seen) const {
    NamedFacts facts;
    for (const auto& [name, record] : ledger_.records()) {
        if (!is_swept(record)) {
            continue;
        }
        const auto look = [&, owner = name](const std::string& machine) {
            const auto described = seen.describe_machine(machine);
            facts.emplace_back(owner, described ? Fact{stage_.now(), *described}
                                                : Fact{stage_.now(), MachineAbsent{machine}});
        };
        for (const auto* launch : all_launches(record)) {
            if (launch->machine && !launch->terminated) {
                look(*launch->machine);
            }
            for (const auto& attempt : launch->attempts) {
                if (attempt.surplus && !attempt.surplus_ended) {
                    look(*attempt.surplus);
                }
            }
        }
    }
    return facts;
}

/// EC2's status checks and planned stops, and the probes of the machines that serve: only what changes.
Manager::NamedFacts Manager::look_at_health(const ModelEc2& seen) const {
    NamedFacts facts;
    for (const auto& [name, record] : ledger_.records()) {
        for (const auto& launch : record.launches) {
            const auto found = launch.machine ? seen.machines.find(*launch.machine) : seen.machines.end();
            if (!is_swept(record) || found == seen.machines.end() || launch.lost) {
                continue;
            }
            const auto& machine = found->second;
            if (machine.impaired != launch.impaired.has_value()) {
                facts.emplace_back(name, now_that(StatusChecked{found->first, machine.impaired}));
            }
            if (machine.stops_at && !launch.maintenance) {
                facts.emplace_back(name,
                                   now_that(ScheduledChange{found->first, "system-stop", machine.stops_at}));
            }
            const bool probed = record.spec.readiness.http || record.spec.readiness.tcp;
            // Who probes sees what is so now.
            const auto now = world_.ec2.machines.find(found->first);
            const bool answers = now != world_.ec2.machines.end() && now->second.serves();
            if (probed && launch.ready && answers == launch.unwell.has_value()) {
                facts.emplace_back(name, answers ? now_that(ProbePassed{found->first})
                                                 : now_that(ProbeFailed{found->first, "it does not answer"}));
            }
        }
    }
    return facts;
}

Manager::NamedFacts Manager::look_at_dns() const {
    NamedFacts facts;
    for (const auto& [name, record] : ledger_.records()) {
        if (!is_swept(record)) {
            continue;
        }
        for (const Side side : {Side::private_, Side::public_}) {
            const auto& dns = record.dns(side);
            const auto key = dns_key(record, side);
            if (!key || !dns.published || !dns.published->in_sync || dns.unanswered || dns.cleared) {
                continue;
            }
            DnsSeen seen{.side = side};
            if (const auto standing = world_.dns.standing(*key)) {
                seen.values = {standing->address};
                seen.ttl = std::chrono::duration_cast<std::chrono::seconds>(standing->ttl).count();
            }
            facts.emplace_back(name, Fact{stage_.now(), seen});
        }
    }
    return facts;
}

}  // namespace simulation
