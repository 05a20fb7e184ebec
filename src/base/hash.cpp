#include "base/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace base {
namespace {

const unsigned char* unsigned_bytes(std::string_view data) {
    return reinterpret_cast<const unsigned char*>(data.data());
}

}  // namespace

Sha256 sha256(std::string_view data) {
    Sha256 digest{};
    if (EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view data) {
    Sha256 digest{};
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), unsigned_bytes(data), data.size(),
             digest.data(), nullptr) == nullptr) {
        throw std::runtime_error("HMAC-SHA-256 failed");
    }
    return digest;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(digits[byte >> 4U]);
        text.push_back(digits[byte & 15U]);
    }
    return text;
}

std::string hex(const Sha256& digest) {
    return hex(bytes(digest));
}

std::string sha256_hex(std::string_view data) {
    return hex(sha256(data));
}

std::string md5_hex(std::string_view data) {
    std::array<char, 16> digest{};
    if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                   EVP_md5(), nullptr) != 1) {
        throw std::runtime_error("MD5 failed");
    }
    return hex({digest.data(), digest.size()});
}

std::string base64_encode(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), unsigned_bytes(bytes),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0 || text.find_first_of(" \t\r\n") != std::string_view::npos) {
        return std::nullopt;
    }
    std::string bytes(text.size() / 4 * 3, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), unsigned_bytes(text),
                                       static_cast<int>(text.size()));
    if (length < 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    bytes.resize(static_cast<std::size_t>(length) - padding);
    return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace base
