#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>

#include "base/result.hpp"

namespace store {

/// Writes every record of the store in `folder` as a line of JSON, in the order of names: `{"name", "value"}`
/// with the value as it is stored, or as a string where it is no JSON; bytes that are no UTF-8 become
/// question marks. The store may be in use; the lines are those of one moment. User data is among them.
/// Returns how many there were, or a sentence.
base::Result<std::size_t> export_records(const std::filesystem::path& folder, std::ostream& out);

}  // namespace store
