#pragma once

#include <string>

#include "app/config.hpp"

namespace app {

/// `spot-manager explain NAME`: asks the manager that runs here with these settings why the name is where it
/// is, and prints its sentences. Gives the exit status: 0, else 1 with a sentence on standard error.
int explain(const Config& config, const std::string& name);

/// `spot-manager images NAME`: the same, of the images of the name's machines.
int images(const Config& config, const std::string& name);

}  // namespace app
