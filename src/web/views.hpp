#pragma once

#include <vector>

#include "base/json.hpp"
#include "fleet/move.hpp"
#include "fleet/record.hpp"
#include "store/transaction.hpp"

/// What users see of a record, as proto/openapi.yaml says. No user data, no token.
namespace web {

/// An item of the list.
base::json::object summary_of(const fleet::Record& record);

/// The whole: the summary, the spec, launches with their attempts, what is tried again, and history.
base::json::object detail_of(const fleet::Record& record, const std::vector<store::NumberedEntry>& history);

/// From which machine to which, why, and how far.
base::json::object view_of(const fleet::Move& move);

/// Entries of the journal, with their numbers.
base::json::array history_of(const std::vector<store::NumberedEntry>& history);

}  // namespace web
