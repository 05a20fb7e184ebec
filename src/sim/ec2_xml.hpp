#pragma once

#include <pugixml.hpp>

#include "sim/machines.hpp"
#include "sim/settings.hpp"
#include "sim/spot.hpp"

namespace sim {

/// Fills one `instancesSet/item`.
void write_machine(pugi::xml_node item, const Machine& machine, const Settings& settings);

/// Fills one `spotInstanceRequestSet/item`.
void write_spot_request(pugi::xml_node item, const SpotRequest& request);

/// `name` with the state's code and name in it.
void write_state(pugi::xml_node parent, const char* name, MachineState state);

/// `tagSet` with `item`s of key and value.
void write_tags(pugi::xml_node parent, const Tags& tags);

}  // namespace sim
