#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace base {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view data);

/// RFC 2104 with SHA-256.
Sha256 hmac_sha256(std::string_view key, std::string_view data);

/// Lower-case hexadecimal of any bytes.
std::string hex(std::string_view bytes);
std::string hex(const Sha256& digest);

std::string sha256_hex(std::string_view data);

/// Lower-case hexadecimal MD5; SQS uses it as a checksum of message bodies.
std::string md5_hex(std::string_view data);

/// RFC 4648 base64 with padding.
std::string base64_encode(std::string_view bytes);

/// Nothing when the text is not base64. Line breaks are not accepted.
std::optional<std::string> base64_decode(std::string_view text);

/// Compares without telling by its timing where the texts differ; for tokens and signatures.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// The bytes of a digest as a string, to be used as the next key of an HMAC chain.
inline std::string_view bytes(const Sha256& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace base
