#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "store/transaction.hpp"

namespace store {

/// Copies the store in `folder`, which may be in use, as it is at one moment, into `file` (mode 0600): whole
/// and durable, or not there at all. The error is a sentence; a file that is there is never overwritten.
base::Result<void> back_up(const std::filesystem::path& folder, const std::filesystem::path& file);

struct Restored {
    std::size_t names = 0;
    std::vector<QuarantinedRecord> unreadable;  ///< of these names
    std::optional<std::filesystem::path> kept;  ///< the store that was there, where one was
};

/// Makes the store in `folder` from a backup, once that is known to be good. The error is a sentence: the
/// backup cannot be used, the folder is held by another process, or it has a store and `replace` is not set.
/// At any moment the folder has the one store or the other.
base::Result<Restored> restore(const std::filesystem::path& backup, const std::filesystem::path& folder,
                               bool replace);

}  // namespace store
