#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <string>
#include <vector>

#include "fleet/record.hpp"

/// How a name came from one machine to the next, told by the facts of its launches.
namespace fleet {

/// What happened at a moment of a move.
enum class Mark {
    notice,
    demanded,
    gone,
    requested,
    refused,
    machine_given,
    booted,
    ready,
    published,
    in_sync
};
BOOST_DESCRIBE_ENUM(Mark, notice, demanded, gone, requested, refused, machine_given, booted, ready, published,
                    in_sync)

struct Moment {
    Time at;
    Mark what = Mark::requested;
    std::string text;  ///< a sentence

    bool operator==(const Moment&) const = default;
};
BOOST_DESCRIBE_STRUCT(Moment, (), (at, what, text))

/// How far a move is: `waiting` until EC2 was asked for a machine, `done` once the name has moved.
enum class Phase { waiting, under_way, done };
BOOST_DESCRIBE_ENUM(Phase, waiting, under_way, done)

/// From one machine that served to the next, with all launches between them. It points into its record.
struct Move {
    const Launch* from = nullptr;  ///< served before; none at the beginning, or when it is forgotten
    const Launch* to = nullptr;    ///< the newest launch since then, if any
    Reason reason = Reason::registered;
    std::string why;  ///< a sentence
    Time begun;
    std::optional<Time> arrived;  ///< the name moved
    std::optional<Duration>
        downtime;                 ///< between the loss of the one and the arrival at the other, once known
    bool bridged = false;         ///< an older machine was left, which may have served meanwhile
    std::vector<Moment> moments;  ///< in their order
    Phase phase = Phase::waiting;
};

/// When the launch first served: every DNS name was accepted with its addresses; or, where there is none, it
/// was ready.
std::optional<Time> served_since(const Record& record, const Launch& launch);

/// Oldest first; the last one may be under way.
std::vector<Move> moves_of(const Record& record);

}  // namespace fleet
