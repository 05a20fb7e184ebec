#pragma once

#include <optional>
#include <string>

#include "simulation/chance.hpp"
#include "simulation/mutation.hpp"
#include "simulation/settings.hpp"
#include "simulation/story.hpp"
#include "simulation/timeline.hpp"

namespace simulation {

/// What every part of one simulation shares.
struct Stage {
    Stage(std::uint64_t seed, const Settings& how, Mutation built_in, bool told)
        : settings(how),
          mutation(built_in),
          chance(seed),
          timeline(*base::parse_time("2026-01-15T12:00:00Z")),
          story(told) {}

    Time now() const { return timeline.now(); }

    /// The first violation counts.
    void violated(const std::string& rule) {
        if (!violation) {
            violation = rule;
            story.tell(now(), "RULE", "", "{}", rule);
        }
    }

    Settings settings;
    Mutation mutation;
    Chance chance;
    Timeline timeline;
    Story story;
    std::optional<std::string> violation;
};

}  // namespace simulation
