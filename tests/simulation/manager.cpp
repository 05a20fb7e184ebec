#include "simulation/manager.hpp"

#include "simulation/messages.hpp"

namespace simulation {

using namespace fleet;

namespace {

constexpr int starts_in_ten_seconds = 15;
constexpr Duration pause_after_nothing = 1s;

}  // namespace

Manager::Manager(Stage& stage, World& world, Checks& checks, MutatedLedger& ledger)
    : stage_(stage), world_(world), checks_(checks), ledger_(ledger) {
    rules_.account = account;
    rules_.region = region;
    rules_.key = store_key;
    // Small, so that what is forgotten is forgotten soon.
    policy_.history_max = 5;
    policy_.attempts_max = 3;
    policy_.end_orphans = true;
    checks_.is_reported = [this](const std::string& id) { return orphans_.contains(id); };
    policy_.orphan_grace = 10min;
    policy_.image_pending_max = 20min;
    policy_.image_backoff_max = 10min;
}

void Manager::start() {
    runs_ = true;
    policy_.watching_since = stage_.now();
    policy_.replacements_at_once = stage_.settings.replacements_at_once;
    for (const auto& [name, record] : ledger_.records()) {
        look_again(name, stage_.now());
    }
    look_at_queue();
    sweep();
}

void Manager::after(Duration wait, Timeline::Deed deed) {
    stage_.timeline.after(wait, [this, process = process_, deed = std::move(deed)] {
        if (process == process_) {
            stepped_ = true;
            deed();
        }
    });
}

void Manager::maybe_crash() {
    if (std::exchange(stepped_, false) && runs_ && stage_.chance.percent(stage_.settings.crashed)) {
        crash();
    }
}

void Manager::crash() {
    stage_.story.tell(stage_.now(), "manager", "", "is killed");
    checks_.crashed();
    ++process_;
    runs_ = false;
    looks_at_queue_ = false;
    under_way_.clear();
    orphans_.clear();
    after(stage_.chance.between(3s, 40s), [this] {
        stage_.story.tell(stage_.now(), "manager", "", "starts again");
        start();
    });
}

const Record* Manager::find(const Name& name) const {
    const auto found = ledger_.records().find(name);
    return found == ledger_.records().end() ? nullptr : &found->second;
}

void Manager::tell(const Name& name, const Facts& facts) {
    transact([&](Reception& reception) {
        for (auto fact : facts) {
            if (fact.at == Time{}) {
                fact.at = stage_.now();
            }
            reception.tell(name, fact);
        }
    });
}

// Intake.

void Manager::look_at_queue() {
    if (!runs_ || std::exchange(looks_at_queue_, true)) {
        return;
    }
    after(stage_.chance.between(5ms, 50ms), [this] {
        looks_at_queue_ = false;
        const auto batch = world_.queue.receive(stage_.chance, stage_.now());
        if (batch.empty()) {
            // What is not deleted in time comes again.
            return world_.queue.entries().empty() ? void() : after(10s, [this] { look_at_queue(); });
        }
        if (stage_.mutation == Mutation::deleted_before_durable) {
            remove(batch);
        }
        after(stage_.chance.between(1ms, 10ms), [this, batch] { take_in(batch); });
    });
}

void Manager::take_in(const std::vector<Envelope>& batch) {
    transact([&](Reception& reception) {
        for (const auto& envelope : batch) {
            reception.receive(envelope);
        }
    });
    after(latency(), [this, batch] { remove(batch); });
    look_at_queue();
}

void Manager::remove(const std::vector<Envelope>& batch) {
    for (const auto& envelope : batch) {
        checks_.deleting_message(envelope);
        world_.queue.remove(envelope.id);
    }
}

// Executor.

void Manager::consider(const Name& name) {
    const auto* found = find(name);
    if (!found || !runs_) {
        return;
    }
    const auto record = std::make_shared<const Record>(*found);
    for (auto& action : pending(*record, stage_.now(), policy_)) {
        if (under_way_.insert({name, action.key}).second) {
            count_start(name, action.key);
            const Work work{record, std::move(action)};
            after(stage_.chance.between(0ms, 20ms), [this, work] { perform(work); });
        }
    }
    look_again(name, deadline(*record, stage_.now(), policy_));
}

void Manager::look_again(const Name& name, std::optional<Time> when) {
    const auto wake_up = ++wake_up_;
    wake_ups_[name] = wake_up;
    if (!when) {
        return;
    }
    after(std::max<Duration>(*when - stage_.now(), 1ms), [this, name, wake_up] {
        if (wake_ups_[name] == wake_up) {
            tell(name, {Fact{{}, TimePassed{}}});
            consider(name);
        }
    });
}

void Manager::count_start(const Name& name, const std::string& key) {
    auto& starts = starts_[{name, key}];
    if (stage_.now() - starts.since > 10s) {
        starts = {.since = stage_.now()};
    }
    if (++starts.count > starts_in_ten_seconds) {
        stage_.violated("an action is repeated without a back-off: " + name + " " + key);
    }
}

void Manager::conclude(const Work& work, const Facts& facts) {
    tell(work.name(), facts);
    under_way_.erase({work.name(), work.action.key});
    const auto* record = find(work.name());
    const bool changed = record && record->revision > work.record->revision;
    if (changed || !record) {
        return consider(work.name());
    }
    after(pause_after_nothing, [this, name = work.name()] { consider(name); });
}

void Manager::fail(const Work& work, std::string reason) {
    conclude(work, {Fact{{}, ActionFailed{work.action.key, std::move(reason)}}});
}

}  // namespace simulation
