#include "simulation/mutation.hpp"

#include <algorithm>

#include "base/contains.hpp"
#include "fleet/launch.hpp"

namespace simulation {

using namespace std::chrono_literals;

void MutatedLedger::put(fleet::Record& record) {
    if (mutation_ == Mutation::registration_is_forgotten && record.revision == 0) {
        return;
    }
    change(record);
    const auto known = records().find(record.name());
    on_put(known == records().end() ? nullptr : &known->second, record);
    MemoryLedger::put(record);
    if (mutation_ == Mutation::retiring_ends_early && record.retirement) {
        erase(record.name(), now_);
    }
}

void MutatedLedger::erase(const std::string& name, fleet::Time at) {
    if (const auto found = records().find(name); found != records().end()) {
        auto record = found->second;
        const auto kept = record.retirement ? record.retirement->kept : std::nullopt;
        const auto* launch = kept ? fleet::find_by_generation(record, *kept) : nullptr;
        graves_[record.uid] = {.at = at, .kept = launch ? launch->machine : std::nullopt};
    }
    MemoryLedger::erase(name, at);
}

bool MutatedLedger::mark_seen(const std::string& id, fleet::Time at) {
    return MemoryLedger::mark_seen(id, at) || mutation_ == Mutation::seen_is_forgotten;
}

std::vector<fleet::Neighbour> MutatedLedger::members(const std::string& group) {
    return mutation_ == Mutation::group_is_not_asked ? std::vector<fleet::Neighbour>{}
                                                     : MemoryLedger::members(group);
}

std::size_t MutatedLedger::voluntary_replacements() {
    return mutation_ == Mutation::slots_are_not_counted ? 0 : MemoryLedger::voluntary_replacements();
}

void MutatedLedger::keep_images(const fleet::KeptImages& kept) {
    if (mutation_ != Mutation::chain_is_forgotten) {
        kept_[kept.name] = kept.images;
        MemoryLedger::keep_images(kept);
    }
}

void MutatedLedger::forget_images(const std::string& name) {
    if (mutation_ != Mutation::chain_is_left_to_two) {
        kept_.erase(name);
        MemoryLedger::forget_images(name);
    }
}

std::ptrdiff_t MutatedLedger::keeps(const std::string& id) const {
    return std::ranges::count_if(kept_, [&](const auto& entry) {
        return std::ranges::any_of(entry.second, [&](const fleet::Image& image) {
            return image.id == id || base::contains(image.snapshots, id);
        });
    });
}

std::set<std::string> MutatedLedger::kept_ids() const {
    std::set<std::string> ids;
    for (const auto& [name, images] : kept_) {
        for (const auto& image : images) {
            ids.insert(image.id);
            ids.insert(image.snapshots.begin(), image.snapshots.end());
        }
    }
    return ids;
}

void MutatedLedger::change(fleet::Record& record) {
    auto* newest = record.launches.empty() ? nullptr : &record.launches.back();
    switch (mutation_) {
        case Mutation::cancel_is_believed:
            if (auto* attempt = newest ? fleet::newest_attempt(*newest) : nullptr;
                attempt && attempt->cancelled && !newest->machine && !attempt->closed) {
                attempt->closed = now_;
            }
            break;
        case Mutation::claims_are_published:
            for (auto& launch : record.launches) {
                if (launch.report) {
                    launch.addresses = {"192.0.2.66", "192.0.2.67"};
                }
            }
            break;
        case Mutation::dns_is_left_at_once:
            record.dns_private.superseded.clear();
            record.dns_public.superseded.clear();
            break;
        case Mutation::machine_goes_first:
            if (record.retirement) {
                record.dns_private.cleared = now_;
                record.dns_public.cleared = now_;
            }
            break;
        case Mutation::loss_is_not_confirmed:
            for (auto& launch : record.launches) {
                if (launch.claim && !launch.lost) {
                    launch.lost = launch.claim->at;
                }
            }
            break;
        case Mutation::kept_machine_is_ended:
            if (record.retirement) {
                record.retirement->kept.reset();
            }
            break;
        case Mutation::publishing_is_forgotten:
            for (auto& [key, retry] : record.retries) {
                if (key.starts_with("publish/")) {
                    retry.not_before = now_ + 1000h;
                }
            }
            break;
        case Mutation::secrets_are_journaled:
            append({.at = now_,
                    .name = record.name(),
                    .event = "registered",
                    .text = record.spec.user_data.value_or("")});
            break;
        case Mutation::failures_are_not_delayed:
            for (auto& [key, retry] : record.retries) {
                retry.not_before = {};
            }
            break;
        case Mutation::pause_keeps_the_machine:
            for (auto& launch : record.launches) {
                launch.let_go.reset();
            }
            break;
        case Mutation::resume_is_forgotten:
            if (record.intent_asked && record.intent == fleet::Intent::running) {
                record.intent = fleet::Intent::paused;
            }
            break;
        case Mutation::spec_is_not_replaced:
            for (auto& launch : record.launches) {
                if (launch.demand && launch.demand->reason == fleet::Reason::spec_changed) {
                    launch.demand.reset();
                }
            }
            break;
        default:
            change_images(record);
    }
}

}  // namespace simulation
