#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fleet/pending.hpp"
#include "fleet/reception.hpp"
#include "manager/unrecorded.hpp"
#include "simulation/checks.hpp"
#include "simulation/world.hpp"

namespace simulation {

/// The manager's loops on virtual time around the real core: intake, executor, sweeper. Between any two of
/// its steps it can be killed; then only what its ledger holds survives, and it starts again.
class Manager {
  public:
    Manager(Stage& stage, World& world, Checks& checks, MutatedLedger& ledger);

    void start();

    /// After every step of the simulation: it may be its last.
    void maybe_crash();

    /// There is a message.
    void wake() { look_at_queue(); }

  private:
    using Name = std::string;
    using Facts = std::vector<fleet::Fact>;
    using NamedFacts = std::vector<std::pair<Name, fleet::Fact>>;
    struct Work {
        std::shared_ptr<const fleet::Record> record;
        fleet::Action action;

        const Name& name() const { return record->name(); }
    };
    /// A call as AWS carries it out: gives the facts of its answer, without a time when they are of the
    /// moment in which it comes.
    using CarryOut = std::function<Facts()>;

    // Steps that end with the process.
    void after(Duration wait, Timeline::Deed deed);
    void crash();
    template <class Decide>
    void transact(Decide decide);
    void tell(const Name& name, const Facts& facts);

    // Intake.
    void look_at_queue();
    void take_in(const std::vector<fleet::Envelope>& batch);
    void remove(const std::vector<fleet::Envelope>& batch);

    // Executor.
    void consider(const Name& name);
    void look_again(const Name& name, std::optional<Time> when);
    void count_start(const Name& name, const std::string& key);
    void perform(const Work& work);
    void conclude(const Work& work, const Facts& facts);
    void fail(const Work& work, std::string reason);

    // Calls.
    void call(const Work& work, CarryOut carry_out);
    void ask(const Work& work);
    Facts answer_to(const Work& work, Time asked);
    void ask_for_machine(const Work& work);
    Facts take_request(const Work& work, const fleet::Attempt& attempt);
    Facts take_fleet(const Work& work, const fleet::Attempt& attempt);
    bool is_over_quota() const;
    static Tags tags_of(const Work& work, const fleet::Attempt& attempt);
    Facts take_template(const Work& work);
    Facts fleet_answer(const fleet::Action& action, const ModelFleet& fleet, std::vector<fleet::Pool> dry);
    void look_up(const Work& work);
    void cancel(const Work& work);
    Facts take_cancel(const std::string& request);
    void terminate(const Work& work);
    void publish(const Work& work);
    void write_record(const Work& work, const fleet::MachineDescribed& described, Time asked);
    Facts take_upsert(const Work& work, const std::string& key, const fleet::DnsWrite& write);
    void remove_record(const Work& work);
    Facts take_removal(const Work& work, const std::string& key);

    // Images.
    void create_image(const Work& work);
    void announce_image(const Work& work);
    Facts take_image(const Work& work, const std::string& ami_name, bool reboot);
    void deregister_image(const Work& work);
    Facts take_deregistration(const fleet::Action& action);
    Facts take_deletion(const fleet::Action& action);
    Facts answer_about_image(const fleet::Action& action);

    // Sweeper.
    void sweep();
    NamedFacts look_at_requests(const ModelEc2& seen) const;
    NamedFacts look_at_machines(const ModelEc2& seen) const;
    NamedFacts look_at_health(const ModelEc2& seen) const;
    NamedFacts look_at_images(const ModelEc2& seen) const;
    NamedFacts look_at_dns() const;
    NamedFacts look_at_what_is_tagged(const ModelEc2& seen);
    void end_orphan(const manager::Orphan& orphan);
    manager::TaggedImages tagged_images(const ModelEc2& seen) const;

    bool is_swept(const fleet::Record& record) const;

    const fleet::Record* find(const Name& name) const;
    Duration latency();

    Stage& stage_;
    World& world_;
    Checks& checks_;
    MutatedLedger& ledger_;
    fleet::Rules rules_;
    fleet::Policy policy_;

    std::uint64_t process_ = 0;  ///< counted up by each crash
    bool runs_ = false;
    bool stepped_ = false;
    bool looks_at_queue_ = false;
    std::set<std::pair<Name, std::string>> under_way_;
    std::map<Name, Time> changed_;  ///< when something of it was last told
    std::map<Name, std::uint64_t> wake_ups_;
    std::uint64_t wake_up_ = 0;

    manager::FirstSeen orphans_;

    struct Starts {
        Time since;
        int count = 0;
    };
    std::map<std::pair<Name, std::string>, Starts> starts_;
};

/// A fact of the moment in which it is told.
fleet::Fact now_that(auto body) {
    return {{}, std::move(body)};
}

template <class Decide>
void Manager::transact(Decide decide) {
    ledger_.set_now(stage_.now());
    fleet::Reception reception(ledger_, rules_, policy_, stage_.now());
    decide(reception);
    const auto effects = reception.take_effects();
    for (const auto& entry : effects.journal) {
        changed_[entry.name] = stage_.now();
        stage_.story.tell(stage_.now(), "manager", entry.name, "{}", entry.text);
    }
    checks_.committed(effects);
    for (const auto& record : effects.changed) {
        consider(record.name());
    }
}

}  // namespace simulation
