#include "store/aged.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include "store/keys.hpp"

namespace store {
namespace {

constexpr std::size_t time_bytes = 8;

void prune(lmdb::WriteTransaction& transaction, const AgedTables& tables, base::Time forget) {
    constexpr std::size_t at_once = 16;
    std::vector<std::string> old;
    transaction.scan(tables.by_time, {}, [&](std::string_view key, std::string_view) {
        if (old.size() == at_once || key_time(key) >= forget) {
            return false;
        }
        old.emplace_back(key);
        return true;
    });
    for (const auto& key : old) {
        transaction.erase(tables.by_time, key);
        transaction.erase(tables.values, key.substr(time_bytes));
    }
}

}  // namespace

std::optional<AgedValue> find_aged(const lmdb::ReadTransaction& transaction, const AgedTables& tables,
                                   std::string_view id) {
    const auto value = transaction.get(tables.values, id_key(id));
    if (!value || value->size() < time_bytes) {
        return std::nullopt;
    }
    return AgedValue{key_time(*value), value->substr(time_bytes)};
}

void put_aged(lmdb::WriteTransaction& transaction, const AgedTables& tables, std::string_view id,
              base::Time at, std::string_view value, base::Time forget) {
    const auto key = id_key(id);
    if (const auto old = find_aged(transaction, tables, id)) {
        transaction.erase(tables.by_time, time_key(old->at) + key);
    }
    transaction.put(tables.values, key, time_key(at) + std::string(value));
    transaction.put(tables.by_time, time_key(at) + key, {});
    prune(transaction, tables, forget);
}

}  // namespace store
