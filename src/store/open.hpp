#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/lmdb.hpp"
#include "store/tables.hpp"
#include "store/transaction.hpp"

namespace store {

/// What a store says of itself.
struct Identity {
    std::string id;
    std::string key;
};

/// Asks whether data.mdb, at `file`, is a store that this program can use: LMDB's, ours, of a version that we
/// read, and whole. True when it has yet to be made: there is none, or it is empty. Changes nothing. The
/// error is a sentence.
base::Result<bool> is_new(lmdb::Environment& environment, const std::filesystem::path& file);

/// Makes the tables, and the identity of a new store.
Tables prepare(lmdb::Environment& environment);

Identity read_identity(const lmdb::ReadTransaction& transaction, const Tables& tables);

/// Reads every record.
std::vector<QuarantinedRecord> find_unreadable(const ReadTransaction& transaction);

}  // namespace store
