#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "fleet/life_cycle.hpp"
#include "fleet/pending.hpp"
#include "simulation/model_aws.hpp"

namespace simulation {

/// Faults built into the core on purpose, to see that each rule's check can fail.
enum class Mutation {
    none,
    cancel_is_believed,     ///< the next attempt is made before the cancelled one is known to have no machine
    sent_before_durable,    ///< the call leaves before the record says so
    claims_are_published,   ///< a machine's word about its address is used
    dns_is_left_at_once,    ///< earlier addresses are forgotten without waiting for resolvers
    loss_is_not_confirmed,  ///< an event's word is acted on
    failures_are_not_delayed,  ///< without back-off
    publishing_is_forgotten,   ///< a failed write is never tried again
    retiring_ends_early,       ///< the record goes before everything else has gone
    anything_is_deleted,       ///< a DNS record is deleted whatever it holds
    machine_goes_first,        ///< and DNS points at it still
};

/// One managed instance and a model of AWS, driven through random steps: messages lost, doubled and out of
/// order, calls with unknown outcomes, crashes between any two steps. The same seed gives the same schedule.
class Schedule {
  public:
    Schedule(std::uint64_t seed, Mutation mutation);

    /// Random steps with faults, in some schedules the word that the name is to go among them; then none
    /// until it serves, or is gone. What was violated, or nothing.
    std::optional<std::string> run();

    /// What the record tells of it, line by line.
    const std::vector<fleet::JournalEntry>& journal() const { return journal_; }

  private:
    struct Answer {
        std::string key;
        std::vector<fleet::Fact> facts;
    };
    struct Queued {
        fleet::Fact fact;
        std::string id;  ///< of the machine or spot request that it is about
        Time sent;
        bool is_report = false;
    };

    // Chance.
    bool chance(int percent);
    std::uint64_t below(std::uint64_t bound);
    Duration up_to(Duration longest);

    // The manager.
    template <class Body>
    void tell(Body body) {
        learn({now_, std::move(body)});
    }
    void learn(const fleet::Fact& fact);
    void mutate(const fleet::Fact& fact);
    void crash();
    void start_something();
    void start(const fleet::Action& action);
    void finish_something();
    void receive_something();
    void sweep(const ModelAws& seen);
    bool knows(const std::string& id) const;

    // Its calls.
    void request_spot(const fleet::Action& action);
    void look_up(const fleet::Action& action);
    void cancel(const fleet::Action& action);
    void terminate(const fleet::Action& action);
    void publish(const fleet::Action& action);
    void remove(const fleet::Action& action);
    std::vector<fleet::Fact> ask(const fleet::Action& action);
    void answer(const fleet::Action& action, std::vector<fleet::Fact> facts);
    template <class... Bodies>
    void answer_with(const fleet::Action& action, Bodies... bodies) {
        answer(action, {fleet::Fact{now_, std::move(bodies)}...});
    }

    // The world.
    void pass(Duration duration);
    void move_world();
    void send(fleet::Fact fact, std::string id, bool is_report = false);
    void send_state(const std::string& machine, fleet::Ec2State state);

    void retire();
    void step_with_faults();
    void calm_down();

    // What always holds; src/README.md numbers the rules.
    void violated(const std::string& rule);
    void check();
    void check_end();

    std::mt19937_64 random_;
    Mutation mutation_;
    fleet::Policy policy_;
    fleet::FleetView view_;
    fleet::Record record_;
    ModelAws aws_;
    ModelAws stale_;
    Time stale_since_;
    Time now_;
    std::vector<Answer> under_way_;
    std::vector<Queued> queue_;
    std::vector<fleet::JournalEntry> journal_;
    int retires_at_ = 0;  ///< the step, or -1
    bool gone_ = false;   ///< retired, and the record erased
    bool faults_ = true;
    int at_this_moment_ = 0;  ///< actions begun since time moved
    std::optional<std::string> violation_;
};

}  // namespace simulation
