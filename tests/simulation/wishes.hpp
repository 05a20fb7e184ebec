#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace simulation {

/// A command about a name that goes on.
struct Order {
    std::string uid;
    std::string command;     ///< `replace`, `pause`, `resume`, `update`, or one about images
    bool replace = false;    ///< of an update: at once
    std::string image = {};  ///< of an announcement
};

/// What a user wants of one name, from its registration to its end: the truth about intents.
struct Wish {
    std::string name;
    std::string uid;
    std::vector<base::json::object> specs;  ///< as asked for, one after the other
    std::string retired_by = {};            ///< the command's uid; empty: it is to stay
    bool keep_machine = false;
    bool remove_images = false;
    std::vector<Order> orders = {};  ///< in the order in which they were given

    const base::json::object& spec() const { return specs.back(); }

    /// The user's last word.
    bool paused() const;

    /// The last change of the spec, if it was to replace the machine at once.
    const Order* replacing_update() const;

    /// With every spec that there was; `ever`: with one of them.
    bool stops_first() const;
    bool ever_stopped_first() const;

    /// How long a machine may take to become ready, and a serving one may be unwell: with the least patient
    /// spec.
    base::Duration patience() const;
};

/// By the uid of the registration.
using Wishes = std::map<std::string, Wish>;

}  // namespace simulation
