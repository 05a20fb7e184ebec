#pragma once

#include <functional>
#include <set>
#include <string>

#include "fleet/reception.hpp"
#include "simulation/wishes.hpp"
#include "simulation/world.hpp"

namespace simulation {

/// What always holds, checked against the models; src/README.md numbers the rules. Each function is called
/// just before what it is named after takes effect.
class Checks {
  public:
    Checks(Stage& stage, World& world, MutatedLedger& ledger, const Wishes& wishes);

    // Of the manager's own steps.
    void putting(const fleet::Record* before, const fleet::Record& after);
    void committed(const fleet::Effects& effects);
    void deleting_message(const fleet::Envelope& envelope);
    void crashed();

    // Of calls that leave.
    void making_image(const std::string& name, const fleet::Image& image);
    void sending_request(const std::string& name, int generation, int attempt);
    void sending_upsert(const std::string& machine, fleet::Side side, const std::string& address);
    void described(const fleet::MachineDescribed& machine, Time asked);

    // Of calls that arrive.
    void deregistering(const std::string& image);
    void ending_image(const std::string& image);
    void requesting(const Tags& tags);
    void ending(const std::string& machine);
    void upserting(const std::string& key);
    void removing(const std::string& key);

    /// The manager tells of it as an orphan.
    std::function<bool(const std::string&)> is_reported;

    /// The fleet is as its users want it and nothing is left behind; else what is missing.
    std::optional<std::string> what_is_missing();

  private:
    void see_created(const fleet::Record& record);
    void see_erased(const std::string& name);
    void see_growth(const fleet::Record& record);
    void see_secrets();
    bool is_secret_in(const std::string& text) const;
    bool may_be_replaced(const std::string& machine) const;
    std::optional<Time> carried_out(const Wish& wish, auto is_meant) const;
    bool was_ordered_away(const std::string& uid, Time since) const;
    bool was_given_back(const std::string& uid, Time since) const;
    void see_rest(const Tags& tags);
    void see_images(const fleet::Record& before, const fleet::Record& after);
    void see_verdicts(const fleet::Record& record);
    void see_forgotten(const fleet::Image& image);
    void see_removal(const fleet::Record& record, const fleet::Image& image);
    void see_owner(const fleet::Record& record, const fleet::Image& image);
    void see_choice(const fleet::Record& record, const fleet::Launch& launch, const std::string& image);
    bool is_good(const std::string& uid, const fleet::Image& image) const;
    bool has_failed(const std::string& uid, const fleet::Image& image) const;
    bool may_stay(const fleet::Record& record, const fleet::Image& image) const;
    std::ptrdiff_t chains_with(const std::string& id) const;
    std::optional<std::string> what_is_in_no_chain() const;
    bool lacks_image(const fleet::Record& record) const;
    std::optional<std::string> what_is_wrong_with_images(const fleet::Record& record) const;
    void see_group(const fleet::Record& record);
    void see_slots(const fleet::Record& record);
    std::optional<std::string> what_is_missing(const Wish& wish);
    std::optional<std::string> why_not_as_ordered(const Wish& wish, const fleet::Record& record);
    std::optional<std::string> what_is_not_given_back(const Wish& wish, const fleet::Record& record);
    std::optional<std::string> what_is_left(const Wish& wish);
    std::optional<std::string> why_not_serving(const Wish& wish, const fleet::Record& record);

    Stage& stage_;
    World& world_;
    MutatedLedger& ledger_;
    const Wishes& wishes_;
    std::set<std::string> created_;            ///< uids that have had a record
    std::map<std::string, std::string> uids_;  ///< of the records, by name
    std::map<std::string, std::string> kept_;  ///< machines, by the uid of the name that was retired
    std::map<std::string, Described> described_;
    /// Images from which a machine became ready, and those from which one did not in the time that it was
    /// given; with the name's uid where several names boot from them.
    std::set<std::pair<std::string, std::string>> booted_;
    std::set<std::pair<std::string, std::string>> failed_;
    std::size_t journal_seen_ = 0;
    std::size_t rejected_seen_ = 0;
};

/// A registration of which a record follows.
bool is_carried_out(const fleet::CommandOutcome& outcome);

/// The key in ModelDns of a side of a record, once its zone is known.
std::optional<std::string> dns_key(const fleet::Record& record, fleet::Side side);

}  // namespace simulation
