#include "sim/dns_wire.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <sstream>

#include "base/text.hpp"

namespace sim {

namespace ip = boost::asio::ip;

namespace {

constexpr std::size_t header_bytes = 12;

unsigned get16(std::string_view message, std::size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(message[at])) << 8U |
           static_cast<unsigned char>(message[at + 1]);
}

/// Reads an uncompressed name; `at` moves behind it. Nothing when it is malformed.
std::optional<std::string> read_name(std::string_view message, std::size_t& at) {
    std::string name;
    while (at < message.size()) {
        const std::size_t length = static_cast<unsigned char>(message[at++]);
        if (length == 0) {
            return name.empty() ? "." : name;
        }
        if (length > 63 || at + length > message.size() || name.size() > 1000) {
            return std::nullopt;
        }
        for (const char c : message.substr(at, length)) {
            // A dot inside of a label is not a separator.
            name += c == '.' ? "\\056" : std::string(1, c);
        }
        name += '.';
        at += length;
    }
    return std::nullopt;
}

std::string labels(std::string_view name) {
    std::string out;
    put_name(out, name);
    return out;
}

/// `"one" "two"`, each with a length byte in front.
std::string text_strings(const std::string& value) {
    std::string out;
    for (std::size_t at = value.find('"'); at != std::string::npos; at = value.find('"', at)) {
        const auto end = value.find('"', at + 1);
        const auto part = base::cut(std::string_view(value).substr(at + 1, end - at - 1), 255);
        out += static_cast<char>(part.size());
        out += part;
        at = end == std::string::npos ? end : end + 1;
        if (at == std::string::npos) {
            break;
        }
    }
    return out;
}

std::string soa_data(const std::string& value) {
    std::istringstream words(value);
    std::string server;
    std::string mailbox;
    words >> server >> mailbox;
    auto out = labels(server) + labels(mailbox);
    for (unsigned number = 0; words >> number;) {
        put32(out, number);
    }
    return out;
}

template <class Address>
std::optional<std::string> address_data(const Address& address) {
    const auto bytes = address.to_bytes();
    return std::string(bytes.begin(), bytes.end());
}

}  // namespace

std::optional<std::uint16_t> dns_type(std::string_view name) {
    static constexpr std::pair<std::string_view, DnsType> types[] = {
        {"A", DnsType::a},     {"NS", DnsType::ns},   {"CNAME", DnsType::cname},
        {"SOA", DnsType::soa}, {"TXT", DnsType::txt}, {"AAAA", DnsType::aaaa}};
    for (const auto& [known, type] : types) {
        if (known == name) {
            return static_cast<std::uint16_t>(type);
        }
    }
    return std::nullopt;
}

std::optional<DnsQuestion> read_dns_question(std::string_view message) {
    if (message.size() < header_bytes || (get16(message, 2) & 0x8000U) != 0) {
        return std::nullopt;
    }
    DnsQuestion question;
    question.id = static_cast<std::uint16_t>(get16(message, 0));
    question.flags = static_cast<std::uint16_t>(get16(message, 2));
    auto at = header_bytes;
    const auto name = get16(message, 4) == 1 ? read_name(message, at) : std::nullopt;
    if (!name || at + 4 > message.size()) {
        return question;
    }
    question.type = static_cast<std::uint16_t>(get16(message, at));
    question.record_class = static_cast<std::uint16_t>(get16(message, at + 2));
    at += 4;
    question.bytes = message.substr(header_bytes, at - header_bytes);
    question.name = canonical_name(*name);
    // A query has no other records than, perhaps, EDNS's: root name, type, size.
    if (at + 5 <= message.size() && message[at] == 0 &&
        get16(message, at + 1) == static_cast<unsigned>(DnsType::opt)) {
        question.edns = true;
        question.udp_size = std::max<std::size_t>(512, get16(message, at + 3));
    }
    return question;
}

void put16(std::string& out, unsigned value) {
    out += static_cast<char>(value >> 8U & 0xFFU);
    out += static_cast<char>(value & 0xFFU);
}

void put32(std::string& out, unsigned value) {
    put16(out, value >> 16U);
    put16(out, value & 0xFFFFU);
}

void put_name(std::string& out, std::string_view name) {
    for (const auto label : base::split(name, '.')) {
        if (label.empty()) {
            continue;
        }
        std::string bytes;
        for (std::size_t at = 0; at < label.size(); ++at) {
            if (label[at] == '\\' && at + 3 < label.size()) {
                bytes += static_cast<char>((label[at + 1] - '0') * 64 + (label[at + 2] - '0') * 8 +
                                           label[at + 3] - '0');
                at += 3;
            } else {
                bytes += label[at];
            }
        }
        bytes.resize(std::min<std::size_t>(bytes.size(), 63));
        out += static_cast<char>(bytes.size());
        out += bytes;
    }
    out += '\0';
}

void put_record(std::string& out, std::string_view owner, std::uint16_t type, long ttl,
                std::string_view data) {
    put_name(out, owner);
    put16(out, type);
    put16(out, 1);
    put32(out, static_cast<unsigned>(ttl));
    put16(out, static_cast<unsigned>(data.size()));
    out += data;
}

std::optional<std::string> dns_data(std::string_view type, const std::string& value) {
    boost::system::error_code error;
    if (type == "A") {
        const auto address = ip::make_address_v4(value, error);
        return error ? std::nullopt : address_data(address);
    }
    if (type == "AAAA") {
        const auto address = ip::make_address_v6(value, error);
        return error ? std::nullopt : address_data(address);
    }
    if (type == "NS" || type == "CNAME") {
        return labels(value);
    }
    if (type == "SOA") {
        return soa_data(value);
    }
    if (type == "TXT") {
        return text_strings(value);
    }
    return std::nullopt;
}

}  // namespace sim
