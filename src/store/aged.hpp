#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "store/tables.hpp"

/// Values that are forgotten when they are old.
namespace store {

struct AgedValue {
    base::Time at;
    std::string_view value;
};

std::optional<AgedValue> find_aged(const lmdb::ReadTransaction& transaction, const AgedTables& tables,
                                   std::string_view id);

/// Puts or replaces, and drops a few values of before `forget`: never many at once, since a write must stay
/// short, and more than one, so that the table shrinks.
void put_aged(lmdb::WriteTransaction& transaction, const AgedTables& tables, std::string_view id,
              base::Time at, std::string_view value, base::Time forget);

}  // namespace store
