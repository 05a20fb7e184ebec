#pragma once

#include <string>
#include <vector>

#include "fleet/move.hpp"
#include "fleet/status.hpp"

/// Why a name is where it is, and why it last moved, for people.
namespace fleet {

struct Explanation {
    Status status;
    std::vector<std::string> account;  ///< sentences: where the name is, why, and what comes next
    std::vector<Move> moves;           ///< newest first
};

/// It points into the record.
Explanation explain(const Record& record, Time now);

/// The same as lines of text: the account, and the last moves with their times.
std::string told(const Record& record, const Explanation& explanation);

}  // namespace fleet
