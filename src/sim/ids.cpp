#include "sim/ids.hpp"

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"

namespace sim {

namespace {

std::string letters(std::string_view bytes) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    for (const char byte : bytes) {
        text += alphabet[static_cast<unsigned char>(byte) % alphabet.size()];
    }
    return text;
}

}  // namespace

std::string resource_id(std::string_view prefix) {
    return std::string(prefix) + base::new_uid().substr(0, 17);
}

std::string uuid() {
    auto digits = base::new_uid();
    digits[12] = '4';
    digits[16] = '8';
    for (const auto at : {8U, 13U, 18U, 23U}) {
        digits.insert(at, "-");
    }
    return digits;
}

std::string alphanumeric_id(std::string_view prefix, std::size_t length) {
    return std::string(prefix) + letters(base::random_bytes(length));
}

std::string principal_id(std::string_view prefix, std::string_view text) {
    return std::string(prefix) + letters(base::bytes(base::sha256(text)).substr(0, 14));
}

}  // namespace sim
