#include "store/keys.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace store {

std::string number_key(std::uint64_t number) {
    std::string key(8, '\0');
    for (std::size_t i = key.size(); i-- > 0; number >>= 8U) {
        key[i] = static_cast<char>(number & 0xFFU);
    }
    return key;
}

std::uint64_t key_number(std::string_view key) {
    if (key.size() < 8) {
        return 0;
    }
    std::uint64_t number = 0;
    for (const char byte : key.substr(0, 8)) {
        number = number << 8U | static_cast<unsigned char>(byte);
    }
    return number;
}

std::string time_key(base::Time time) {
    // A time before 1970 comes from a broken clock or a test: the oldest there is.
    return number_key(static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count())));
}

base::Time key_time(std::string_view key) {
    return base::Time{base::Duration{static_cast<std::int64_t>(key_number(key))}};
}

std::string id_key(std::string_view id) {
    // Room is left for a time or number beside it within LMDB's 511 bytes.
    constexpr std::size_t bytes_max = 400;
    const bool fits = !id.empty() && id.size() <= bytes_max && !id.contains('\0');
    return fits ? std::string(id) : "#" + base::sha256_hex(id);
}

std::string owner_prefix(std::string_view id) {
    return id_key(id) + '\0';
}

}  // namespace store
