#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"

namespace web {

/// What a caller may do; `write` includes `read`.
enum class Role { none, read, write };

/// Bearer tokens, kept as hashes.
class Tokens {
  public:
    Tokens() = default;

    /// Reads lines of `read TOKEN` or `write TOKEN`; empty lines and `#` comments are skipped. A token has 16
    /// to 512 characters of RFC 6750's set. The error names the line, never the token.
    static base::Result<Tokens> parse(std::string_view text);

    /// parse() of a file. Blocking; for the start.
    static base::Result<Tokens> load(const std::string& file);

    bool empty() const { return entries_.empty(); }

    /// The role of a token; nothing when it is not known. Takes as long for every token.
    std::optional<Role> role_of(std::string_view token) const;

  private:
    struct Entry {
        base::Sha256 hash;
        Role role;
    };
    std::vector<Entry> entries_;
};

/// The token of a file for a caller that only reads: the one that may do least. Blocking.
base::Result<std::string> token_that_reads(const std::string& file);

/// Whom the server would let in where.
struct Exposure {
    std::string address;  ///< an IP address to listen on
    bool tokens = false;
    bool tls = false;
    bool insecure = false;  ///< the user accepts plain HTTP beyond this machine
};

/// Whether the value of a Host header means this machine: `localhost`, a name under it, or an address of
/// loopback, with or without a port. A page in a browser can reach loopback under a name of its own (DNS
/// rebinding), and is told apart by it.
bool is_loopback(std::string_view host);

/// Without tokens the server listens on loopback only; beyond loopback it wants TLS or an explicit
/// `insecure`. The error is a sentence for the start.
base::Result<void> check_exposure(const Exposure& exposure);

}  // namespace web
