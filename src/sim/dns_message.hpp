#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sim/zones.hpp"

namespace sim {

/// Answers one DNS query (RFC 1035) from what the zones' name servers have in sync. A private zone hides a
/// public one of the same name, as inside a VPC. Empty when the query is too broken to be answered.
/// `size_max`: what the transport carries; EDNS0 may raise it for UDP.
std::string answer_dns(std::string_view query, Zones& zones, std::size_t size_max);

}  // namespace sim
