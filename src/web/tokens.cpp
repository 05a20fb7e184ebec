#include "web/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <fstream>
#include <iterator>

#include "base/text.hpp"

namespace web {

namespace {

constexpr std::size_t token_bytes_min = 16;
constexpr std::size_t token_bytes_max = 512;

/// RFC 6750, 2.1.
bool is_token(std::string_view text) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    return text.size() >= token_bytes_min && text.size() <= token_bytes_max &&
           text.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<Role> parse_role(std::string_view word) {
    if (word == "read") {
        return Role::read;
    }
    if (word == "write") {
        return Role::write;
    }
    return std::nullopt;
}

struct Line {
    Role role;
    std::string_view token;
};

base::Result<std::vector<Line>> read_lines(std::string_view text) {
    std::vector<Line> lines;
    std::size_t number = 0;
    for (const auto raw : base::split(text, '\n')) {
        ++number;
        const auto line = base::trim(raw);
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        const auto blank = std::min(line.find_first_of(" \t"), line.size());
        const auto role = parse_role(line.substr(0, blank));
        const auto token = base::trim(line.substr(blank));
        if (!role) {
            return base::fail(fmt::format("line {}: must begin with `read` or `write`", number));
        }
        if (!is_token(token)) {
            return base::fail(
                fmt::format("line {}: the token must be {} to {} letters, digits or any of -._~+/=", number,
                            token_bytes_min, token_bytes_max));
        }
        lines.push_back({*role, token});
    }
    if (lines.empty()) {
        return base::fail("there is no token in it; write lines such as `read TOKEN` and `write TOKEN`");
    }
    return lines;
}

base::Result<std::string> text_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        return base::fail(fmt::format("cannot read the tokens file {}", file));
    }
    return text;
}

std::unexpected<base::Error> fault_in(const std::string& file, const base::Error& error) {
    return base::fail(fmt::format("the tokens file {}: {}", file, error.message));
}

}  // namespace

base::Result<Tokens> Tokens::parse(std::string_view text) {
    const auto lines = read_lines(text);
    if (!lines) {
        return std::unexpected(lines.error());
    }
    Tokens tokens;
    for (const auto& line : *lines) {
        tokens.entries_.push_back({base::sha256(line.token), line.role});
    }
    return tokens;
}

base::Result<Tokens> Tokens::load(const std::string& file) {
    const auto text = text_of(file);
    if (!text) {
        return std::unexpected(text.error());
    }
    auto tokens = parse(*text);
    if (!tokens) {
        return fault_in(file, tokens.error());
    }
    return tokens;
}

base::Result<std::string> token_that_reads(const std::string& file) {
    const auto text = text_of(file);
    if (!text) {
        return std::unexpected(text.error());
    }
    const auto lines = read_lines(*text);
    if (!lines) {
        return fault_in(file, lines.error());
    }
    // All roles can read: the least of them will do.
    return std::string(std::ranges::min_element(*lines, {}, &Line::role)->token);
}

std::optional<Role> Tokens::role_of(std::string_view token) const {
    const auto hash = base::sha256(token);
    std::optional<Role> role;
    for (const auto& entry : entries_) {
        if (base::equal_in_constant_time(base::bytes(hash), base::bytes(entry.hash))) {
            role = std::max(role.value_or(Role::none), entry.role);
        }
    }
    return role;
}

bool is_loopback(std::string_view host) {
    if (host.starts_with('[')) {
        host = base::split_once(host.substr(1), ']').first;
    } else {
        host = base::split_once(host, ':').first;
    }
    if (base::equal_ignoring_case(host, "localhost") ||
        (host.size() > 10 && base::equal_ignoring_case(host.substr(host.size() - 10), ".localhost"))) {
        return true;
    }
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(std::string(host), not_an_address);
    return !not_an_address && address.is_loopback();
}

base::Result<void> check_exposure(const Exposure& exposure) {
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(exposure.address, not_an_address);
    if (not_an_address) {
        return base::fail(
            fmt::format("`{}` is not an IP address to listen on, such as 127.0.0.1", exposure.address));
    }
    if (address.is_loopback()) {
        return {};
    }
    if (!exposure.tokens) {
        return base::fail(
            fmt::format("refusing to listen on {} without tokens: set `tokens_file`, or listen on 127.0.0.1",
                        exposure.address));
    }
    if (!exposure.tls && !exposure.insecure) {
        return base::fail(fmt::format(
            "refusing to listen on {} without TLS, since tokens would cross the network readable: set a "
            "certificate and key, or `insecure` where something in front of it encrypts",
            exposure.address));
    }
    return {};
}

}  // namespace web
