#include "manager/store_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace manager {
namespace {

/// Enough for the messages of a storm; the rest is taken by the next transaction.
constexpr std::size_t expired_at_once = 100;

std::vector<fleet::Unclaimed> to_fleet(std::vector<store::UnclaimedMessage> messages) {
    std::vector<fleet::Unclaimed> unclaimed;
    std::ranges::transform(messages, std::back_inserter(unclaimed), [](store::UnclaimedMessage& message) {
        return fleet::Unclaimed{std::move(message.ids), std::move(message.message), message.at};
    });
    return unclaimed;
}

}  // namespace

base::Result<std::optional<fleet::Record>> StoreLedger::find(const std::string& name) {
    return transaction_.find(name);
}

void StoreLedger::put(fleet::Record& record) {
    record = transaction_.put(std::move(record));
}

std::optional<std::string> StoreLedger::name_of_request(const std::string& request) {
    return transaction_.name_of_request(request);
}

std::optional<std::string> StoreLedger::name_of_machine(const std::string& machine) {
    return transaction_.name_of_machine(machine);
}

std::optional<std::string> StoreLedger::name_of_dns(const std::string& key) {
    return transaction_.name_of_dns(key);
}

bool StoreLedger::mark_seen(const std::string& id, base::Time at) {
    return transaction_.mark_seen(id, at);
}

std::vector<fleet::Unclaimed> StoreLedger::keep_unclaimed(const fleet::Unclaimed& unclaimed) {
    return to_fleet(transaction_.put_unclaimed({unclaimed.ids, unclaimed.message, unclaimed.at}));
}

std::vector<fleet::Unclaimed> StoreLedger::take_unclaimed(const std::string& id) {
    return to_fleet(transaction_.take_unclaimed(id));
}

std::vector<fleet::Unclaimed> StoreLedger::expire_unclaimed(base::Time before) {
    return to_fleet(transaction_.expire_unclaimed(before, expired_at_once));
}

std::optional<fleet::RegistrationOutcome> StoreLedger::registration(const std::string& uid) {
    auto known = transaction_.registration(uid);
    if (!known) {
        return std::nullopt;
    }
    return fleet::RegistrationOutcome{.name = std::move(known->name),
                                      .accepted = known->state == store::RegistrationState::accepted,
                                      .reason = std::move(known->reason),
                                      .at = known->at};
}

void StoreLedger::put_registration(const std::string& uid, const fleet::RegistrationOutcome& outcome) {
    const auto state =
        outcome.accepted ? store::RegistrationState::accepted : store::RegistrationState::refused;
    transaction_.put_registration(uid, {outcome.name, state, outcome.reason, outcome.at});
}

void StoreLedger::append(const fleet::JournalEntry& entry) {
    transaction_.append(entry);
}

void StoreLedger::reject(const std::string& message, const std::string& reason, base::Time at) {
    transaction_.put_rejected(message, reason, at);
}

std::vector<fleet::PoolHealth> StoreLedger::pools() {
    return transaction_.pools();
}

void StoreLedger::put_pool(const fleet::PoolHealth& health) {
    transaction_.put_pool(health);
}

}  // namespace manager
