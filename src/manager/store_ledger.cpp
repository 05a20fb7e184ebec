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

void StoreLedger::erase(const std::string& name, base::Time at) {
    transaction_.erase(name, at);
}

bool StoreLedger::is_gone(const std::string& uid) {
    return transaction_.tombstone(uid).has_value();
}

std::optional<std::string> StoreLedger::name_of_request(const std::string& request) {
    return transaction_.name_of_request(request);
}

std::optional<std::string> StoreLedger::name_of_machine(const std::string& machine) {
    return transaction_.name_of_machine(machine);
}

std::optional<std::string> StoreLedger::name_of_image(const std::string& image) {
    return transaction_.name_of_image(image);
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

std::optional<fleet::CommandOutcome> StoreLedger::command(const std::string& uid) {
    auto known = transaction_.command(uid);
    if (!known) {
        return std::nullopt;
    }
    return fleet::CommandOutcome{.command = std::move(known->command),
                                 .name = std::move(known->name),
                                 .accepted = known->state == store::CommandState::accepted,
                                 .reason = std::move(known->reason),
                                 .at = known->at};
}

void StoreLedger::put_command(const std::string& uid, const fleet::CommandOutcome& outcome) {
    const auto state = outcome.accepted ? store::CommandState::accepted : store::CommandState::refused;
    transaction_.put_command(uid, {outcome.name, state, outcome.reason, outcome.at, outcome.command});
}

void StoreLedger::append(const fleet::JournalEntry& entry) {
    transaction_.append(entry);
}

void StoreLedger::reject(const std::string& message, const std::string& reason, base::Time at) {
    transaction_.put_rejected(message, reason, at);
}

std::vector<fleet::Neighbour> StoreLedger::members(const std::string& group) {
    return transaction_.members(group);
}

std::size_t StoreLedger::voluntary_replacements() {
    return transaction_.voluntary_replacements();
}

std::optional<fleet::KeptImages> StoreLedger::kept_images(const std::string& name) {
    return transaction_.kept_images(name);
}

void StoreLedger::keep_images(const fleet::KeptImages& kept) {
    transaction_.put_kept_images(kept);
}

void StoreLedger::forget_images(const std::string& name) {
    transaction_.erase_kept_images(name);
}

std::vector<fleet::PoolHealth> StoreLedger::pools() {
    return transaction_.pools();
}

void StoreLedger::put_pool(const fleet::PoolHealth& health) {
    transaction_.put_pool(health);
}

}  // namespace manager
