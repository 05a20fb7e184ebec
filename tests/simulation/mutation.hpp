#pragma once

#include <boost/describe/enum.hpp>
#include <functional>

#include "fleet/memory_ledger.hpp"
#include "fleet/orphans.hpp"

namespace simulation {

/// Faults built in on purpose, to see that each rule's check can fail.
enum class Mutation {
    none,
    registration_is_forgotten,  ///< rule 1: what was accepted is not kept
    seen_is_forgotten,          ///< rule 1: a message that comes twice is carried out twice
    cancel_is_believed,         ///< rule 2: a cancelled request is taken for one that has no machine
    sent_before_durable,        ///< rule 2: the call leaves before the record says so
    claims_are_published,       ///< rule 3: a machine's word about its address is used
    dns_is_left_at_once,        ///< rule 4: earlier addresses are forgotten without waiting for resolvers
    machine_goes_first,         ///< rule 4: of a retired name, while DNS points at it still
    loss_is_not_confirmed,      ///< rule 5: an event's word is acted on
    deleted_before_durable,     ///< rule 6: a message leaves the queue before it is decided on
    strangers_are_ended,        ///< rule 7: what does not carry our tag is ended as an orphan
    kept_machine_is_ended,      ///< rule 7: its user keeps it
    anything_is_deleted,        ///< rule 8: a DNS record is deleted whatever it holds
    publishing_is_forgotten,    ///< rule 9: a failed write is never tried again
    secrets_are_journaled,      ///< rule 10
    failures_are_not_delayed,   ///< without back-off
    retiring_ends_early,        ///< the record goes before everything else has gone
    pause_keeps_the_machine,    ///< nothing is given back
    resume_is_forgotten,        ///< the name stays paused
    spec_is_not_replaced,       ///< a change at once waits for the next launch
    group_is_not_asked,         ///< a replacement that can wait begins though another member is missing
    slots_are_not_counted,      ///< nor how many replacements are under way
    newest_good_is_removed,     ///< though nothing else that is good is there
    verdicts_are_forgotten,     ///< every image may be booted from at any time
    notices_boot_the_newest,    ///< though nobody knows whether it boots
    removal_ends_early,         ///< an image is forgotten before its snapshots are deleted
    images_in_use_are_removed,  ///< while machines boot from them
    images_go_before_the_next,  ///< an image is removed while its successor is being made
    retention_is_forgotten,     ///< nothing is removed
    image_is_made_of_anything,  ///< the machine is not looked at again before the call
    pending_is_believed,        ///< an image is taken for available before it is
    chain_is_forgotten,         ///< with its name
    chain_is_left_to_two,       ///< what a name goes on with is kept for another
    kept_images_are_ended,      ///< as orphans
    removal_is_not_asked,       ///< a name is retired with its images, and they stay
    tests_serve,                ///< a test's machine is taken for one of the name's
};
BOOST_DESCRIBE_ENUM(Mutation, none, registration_is_forgotten, seen_is_forgotten, cancel_is_believed,
                    sent_before_durable, claims_are_published, dns_is_left_at_once, machine_goes_first,
                    loss_is_not_confirmed, deleted_before_durable, strangers_are_ended, kept_machine_is_ended,
                    anything_is_deleted, publishing_is_forgotten, secrets_are_journaled,
                    failures_are_not_delayed, retiring_ends_early, pause_keeps_the_machine,
                    resume_is_forgotten, spec_is_not_replaced, group_is_not_asked, slots_are_not_counted,
                    newest_good_is_removed, verdicts_are_forgotten, notices_boot_the_newest,
                    removal_ends_early, images_in_use_are_removed, images_go_before_the_next,
                    retention_is_forgotten, image_is_made_of_anything, pending_is_believed,
                    chain_is_forgotten, chain_is_left_to_two, kept_images_are_ended, removal_is_not_asked,
                    tests_serve)

/// The store of a simulation: what is put in stays, whatever becomes of the manager. A mutation of the core
/// changes what the core decided just before it is saved.
class MutatedLedger : public fleet::MemoryLedger {
  public:
    explicit MutatedLedger(Mutation mutation) : mutation_(mutation) {}

    void set_now(fleet::Time now) { now_ = now; }

    /// Told of each change before it is saved: what was there, if anything, and what is to be.
    std::function<void(const fleet::Record*, const fleet::Record&)> on_put;

    void put(fleet::Record& record) override;
    std::vector<fleet::Neighbour> members(const std::string& group) override;
    std::size_t voluntary_replacements() override;
    void erase(const std::string& name, fleet::Time at) override;
    bool mark_seen(const std::string& id, fleet::Time at) override;
    void keep_images(const fleet::KeptImages& kept) override;
    void forget_images(const std::string& name) override;

    /// The images and snapshots that retired names have left.
    std::set<std::string> kept_ids() const;

    /// Retired names that go by these names have left an image or a snapshot with this id: how many.
    std::ptrdiff_t keeps(const std::string& id) const;

    /// What is left of retired names, by uid.
    const std::map<std::string, fleet::Grave>& graves() const { return graves_; }

  private:
    void change(fleet::Record& record);
    void change_images(fleet::Record& record) const;

    Mutation mutation_;
    fleet::Time now_;
    std::map<std::string, fleet::Grave> graves_;
    std::map<std::string, std::vector<fleet::Image>> kept_;
};

}  // namespace simulation
