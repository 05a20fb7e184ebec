#include "base/ids.hpp"

#include <openssl/rand.h>

#include <stdexcept>

#include "base/hash.hpp"

namespace base {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        throw std::runtime_error("the system gives no random bytes");
    }
    return bytes;
}

std::string new_uid() {
    return hex(random_bytes(16));
}

}  // namespace base
