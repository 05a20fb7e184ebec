#pragma once

#include "base/json.hpp"
#include "simulation/chance.hpp"

namespace simulation {

/// What a user of the fleet asks for under this name: everything that a spec can say, in turn and at random.
base::json::object make_spec(const std::string& name, Chance& chance);

/// Another spec for a name; its DNS names stay.
base::json::object change_spec(const base::json::object& spec, Chance& chance);

}  // namespace simulation
