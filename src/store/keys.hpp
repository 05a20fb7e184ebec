#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"

/// How keys are written, so that LMDB's order of bytes is the order that is meant.
namespace store {

/// Eight bytes, the greatest first.
std::string number_key(std::uint64_t number);
/// The number in the first eight bytes; 0 when there are fewer.
std::uint64_t key_number(std::string_view key);

/// As number_key(), of milliseconds since 1970.
std::string time_key(base::Time time);
base::Time key_time(std::string_view key);

/// An id from outside as a key: as it is, or its hash when it is empty, too long for a key, or holds a zero
/// byte.
std::string id_key(std::string_view id);

/// What the keys of one owner begin with: its id and a zero byte.
std::string owner_prefix(std::string_view id);

}  // namespace store
