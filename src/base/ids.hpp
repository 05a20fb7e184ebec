#pragma once

#include <cstddef>
#include <string>

namespace base {

/// Cryptographically random bytes.
std::string random_bytes(std::size_t count);

/// A new identity: 32 lower-case hexadecimal digits, random.
std::string new_uid();

}  // namespace base
