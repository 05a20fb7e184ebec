#include "base/json.hpp"
#include "store/format.hpp"
#include "store/keys.hpp"
#include "store/store.hpp"
#include "store/tables.hpp"
#include "store/transaction.hpp"

// Messages that wait for their ids to become known: numbered in the order of their arrival, and found by id.
namespace store {
namespace {

void take_out(lmdb::WriteTransaction& transaction, const Tables& tables, std::uint64_t number,
              const UnclaimedMessage& message) {
    transaction.erase(tables.unclaimed, number_key(number));
    for (const auto& id : message.ids) {
        transaction.erase(tables.unclaimed_by_id, owner_prefix(id) + number_key(number));
    }
}

/// Takes out messages from the oldest on, at most `limit`, while `old` says so.
template <class Old>
std::vector<UnclaimedMessage> take_oldest(lmdb::WriteTransaction& transaction, const Tables& tables,
                                          std::size_t limit, const Old& old) {
    std::vector<std::pair<std::uint64_t, UnclaimedMessage>> found;
    transaction.scan(tables.unclaimed, {}, [&](std::string_view key, std::string_view value) {
        // One that cannot be read is taken out like an old one.
        auto message = decode<UnclaimedMessage>(value).value_or(UnclaimedMessage{});
        if (found.size() == limit || !old(message)) {
            return false;
        }
        found.emplace_back(key_number(key), std::move(message));
        return true;
    });
    std::vector<UnclaimedMessage> messages;
    for (auto& [number, message] : found) {
        take_out(transaction, tables, number, message);
        messages.push_back(std::move(message));
    }
    return messages;
}

}  // namespace

std::size_t ReadTransaction::unclaimed_count() const {
    return transaction_.count(tables_.unclaimed);
}

std::vector<UnclaimedMessage> WriteTransaction::put_unclaimed(const UnclaimedMessage& message) {
    const auto text = encode(message);
    if (text.size() > limits_.unclaimed_message_bytes) {
        return {message};
    }
    std::uint64_t number = 1;
    transaction_.scan_back(tables_.unclaimed, {}, [&](std::string_view key, std::string_view) {
        number = key_number(key) + 1;
        return false;
    });
    write_.put(tables_.unclaimed, number_key(number), text);
    for (const auto& id : message.ids) {
        write_.put(tables_.unclaimed_by_id, owner_prefix(id) + number_key(number), {});
    }
    const auto count = unclaimed_count();
    const auto too_many = count > limits_.unclaimed_max ? count - limits_.unclaimed_max : 0;
    return take_oldest(write_, tables_, too_many, [](const UnclaimedMessage&) { return true; });
}

std::vector<UnclaimedMessage> WriteTransaction::take_unclaimed(std::string_view id) {
    const auto prefix = owner_prefix(id);
    std::vector<std::uint64_t> numbers;
    transaction_.scan(tables_.unclaimed_by_id, prefix, [&](std::string_view key, std::string_view) {
        if (!key.starts_with(prefix)) {
            return false;
        }
        numbers.push_back(key_number(key.substr(prefix.size())));
        return true;
    });
    std::vector<UnclaimedMessage> messages;
    for (const auto number : numbers) {
        const auto text = transaction_.get(tables_.unclaimed, number_key(number));
        auto message = text ? decode<UnclaimedMessage>(*text) : std::nullopt;
        if (message) {
            take_out(write_, tables_, number, *message);
            messages.push_back(std::move(*message));
        }
    }
    return messages;
}

std::vector<UnclaimedMessage> WriteTransaction::expire_unclaimed(base::Time before, std::size_t limit) {
    return take_oldest(write_, tables_, limit,
                       [&](const UnclaimedMessage& message) { return message.at < before; });
}

}  // namespace store
