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
    bool is_missing = false;           ///< nothing serves, or a successor is asked for or on its way
    std::int64_t max_unavailable = 1;  ///< as its spec says
    std::vector<Pool> pools;           ///< of its machines that live, and of those that are asked for

    bool operator==(const Neighbour&) const = default;
};
BOOST_DESCRIBE_STRUCT(Neighbour, (), (name, is_missing, max_unavailable, pools))

Neighbour as_neighbour(const Record& record);

/// A replacement that could have waited is under way: from its beginning until its machine is ready, or until
/// it has stepped aside.
bool is_replacing_voluntarily(const Record& record);

/// A replacement that can wait has got no machine, and the old one serves on: before it asks again it waits
/// for its turn like any other.
bool has_stepped_aside(const Record& record, const Launch& launch);

}  // namespace fleet
