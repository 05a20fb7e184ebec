#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "fleet/record.hpp"

/// What names tell each other of themselves: members of a group of their machines' pools and of whether they
/// can be missed, all names of replacements that can wait.
namespace fleet {

/// What a member of a group shows to the others.
struct Neighbour {
    std::string name;
    bool is_missing = false;           ///< nothing serves, or a successor is on its way
    std::int64_t max_unavailable = 1;  ///< as its spec says
    std::vector<Pool> pools;           ///< of its machines that live, and of those that are asked for

    bool operator==(const Neighbour&) const = default;
};
BOOST_DESCRIBE_STRUCT(Neighbour, (), (name, is_missing, max_unavailable, pools))

Neighbour as_neighbour(const Record& record);

/// A replacement that could have waited is under way: from its beginning until its machine is ready.
bool is_replacing_voluntarily(const Record& record);

}  // namespace fleet
