#pragma once

#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleet/record.hpp"

/// How far a storm of notices is, and which names will not make it: told from the order of urgency, the rate
/// at which EC2 takes calls, and how long machines take to boot.
namespace fleet {

/// How far the next machine of a name is.
enum class Stage { waiting, requested, booting };
BOOST_DESCRIBE_ENUM(Stage, waiting, requested, booting)

/// A name that is, or is about to be, without a machine.
struct Replacement {
    std::string name;
    Time needed_by;  ///< see urgency.hpp
    Stage stage = Stage::waiting;
    Asking by = Asking::request;    ///< each way of asking has a limit of its own
    std::optional<Time> requested;  ///< EC2 took the request for the next machine
    std::optional<Duration> boot;   ///< what the name's last machine took from its request to being ready
};

/// Nothing when a machine serves that nobody takes, or when the next one is ready.
std::optional<Replacement> replacement_of(const Record& record);

/// How fast calls that ask for a machine leave.
struct Pace {
    double at_once = 0;     ///< can leave now
    double per_second = 5;  ///< and from then on
};

/// By the way of asking.
using Paces = std::map<Asking, Pace>;

/// When the next machine of a name is likely to be ready.
struct Forecast {
    Replacement replacement;
    Time ready;
    bool late = false;  ///< the name is down until then
};

/// The most urgent first, as they are carried out.
std::vector<Forecast> forecast(std::vector<Replacement> replacements, const Paces& paces, Time now);

/// A storm in numbers.
struct Progress {
    std::size_t waiting = 0;    ///< replacements that are not requested yet
    std::size_t under_way = 0;  ///< requested and not ready
    std::size_t late = 0;       ///< of both, those that will not make it
};

Progress progress_of(const std::vector<Forecast>& forecasts);

}  // namespace fleet
