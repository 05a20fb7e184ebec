#pragma once

#include <map>
#include <string>

#include "base/json.hpp"
#include "base/time.hpp"

namespace simulation {

/// What a user wants of one name, from its registration to its end: the truth about intents.
struct Wish {
    std::string name;
    std::string uid;
    base::json::object spec;
    std::string retired_by;  ///< the command's uid; empty: it is to stay
    bool keep_machine = false;
    bool paused = false;

    bool stops_first() const;

    /// How long a machine may take to become ready, and a serving one may be unwell.
    base::Duration patience() const;
};

/// By the uid of the registration.
using Wishes = std::map<std::string, Wish>;

}  // namespace simulation
