#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/zones.hpp"

namespace sim {

/// Record types and codes of RFC 1035, 3596 and 6891.
enum class DnsType : std::uint16_t {
    a = 1,
    ns = 2,
    cname = 5,
    soa = 6,
    txt = 16,
    aaaa = 28,
    opt = 41,
    any = 255
};
enum class DnsCode : std::uint8_t {
    ok = 0,
    format_error = 1,
    no_such_name = 3,
    not_implemented = 4,
    refused = 5
};

/// The type's number for Route53's name of it; nothing for types that are not served.
std::optional<std::uint16_t> dns_type(std::string_view name);

struct DnsQuestion {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;
    std::string name;  ///< as Route53 writes it: lower case, `\ooo`, final dot
    std::uint16_t type = 0;
    std::uint16_t record_class = 0;
    std::string_view bytes;  ///< the question section as sent
    bool edns = false;
    std::size_t udp_size = 512;  ///< what the asker takes
};

/// Nothing when the message is shorter than a header or is itself an answer; a question without a name when
/// it is malformed otherwise.
std::optional<DnsQuestion> read_dns_question(std::string_view message);

void put16(std::string& out, unsigned value);
void put32(std::string& out, unsigned value);
/// A name in labels, without compression.
void put_name(std::string& out, std::string_view name);

/// One resource record.
void put_record(std::string& out, std::string_view owner, std::uint16_t type, long ttl,
                std::string_view data);

/// The wire form of a record's value; nothing when the value cannot be served.
std::optional<std::string> dns_data(std::string_view type, const std::string& value);

}  // namespace sim
