#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "fleet/record.hpp"

namespace store {

/// One name of a store, and what signs its commands.
struct Seen {
    fleet::Record record;
    std::string key;  ///< never to be logged
};

/// Reads it from the store in `folder`, which may be in use. The error is a sentence: there is no store that
/// can be read, or no such name in it.
base::Result<Seen> look_at(const std::filesystem::path& folder, const std::string& name);

}  // namespace store
