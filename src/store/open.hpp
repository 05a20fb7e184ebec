#pragma once

#include <filesystem>
#include <memory>
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

/// What a Failure means to whom it happened with the store `file`, in a sentence.
std::string explain(const lmdb::Failure& failure, const std::filesystem::path& file);

/// A store that can be used, or that has yet to be made.
struct Opened {
    std::unique_ptr<lmdb::Environment> environment;
    bool is_new = false;
};

/// Opens data.mdb of `folder` for writing, and checks that it can be used: LMDB's, ours, of a version that we
/// read, and whole; or not there, or empty. Changes nothing of what it refuses. The error is a sentence that
/// speaks of it as `called`.
base::Result<Opened> open_to_write(const std::filesystem::path& folder,
                                   const lmdb::EnvironmentOptions& options,
                                   const std::filesystem::path& called);

/// Opens the store in `folder` for reading, beside a process that may write it. The error is a sentence:
/// there is none, it is not ours, or of a newer version. Where the file ends before its last page the process
/// ends with SIGBUS when it is read.
base::Result<std::unique_ptr<lmdb::Environment>> open_to_read(const std::filesystem::path& folder);

/// Makes the tables, and the identity of a new store.
Tables prepare(lmdb::Environment& environment);

Identity read_identity(const lmdb::ReadTransaction& transaction, const Tables& tables);

/// Reads every record.
std::vector<QuarantinedRecord> find_unreadable(const ReadTransaction& transaction);

}  // namespace store
