#pragma once

#include <optional>
#include <string>

#include "fleet/life_cycle.hpp"

/// On-demand machines where there is no spot capacity, and the way back.
namespace fleet {

/// What its newest attempt asked for.
Market market_of(const Launch& launch);

/// How long the name's on-demand machines have run in the UTC month of `now`.
Duration on_demand_time(const Record& record, Time now);

/// The hours of the month are not used up.
bool may_go_on_demand(const Record& record, Time now);

/// When the launch, still without a machine, may ask on-demand; nothing where its spec never does. A launch
/// that can wait asks for spot only, as long as the machine that it is to follow serves.
std::optional<Time> fallback_at(const Record& record, const Launch& launch);

/// When an open spot request, were it not fulfilled, leaves room for something better: the fallback, or the
/// end of the window in which the way back is tried.
std::optional<Time> better_at(const Record& record, const Launch& launch, const Attempt& attempt);

/// When a spot machine is next tried for in place of the on-demand one that serves. Also a time that has
/// come.
std::optional<Time> way_back_at(const Record& record, Time now);

/// When a demand for the way back that nothing came of is dropped: its window ends.
std::optional<Time> way_back_until(const Record& record, Time now);

/// Demands the way back when its time has come, and gives up one that finds no spot machine, without harm to
/// the machine that serves.
void see_way_back(Step& step, Time now, const Policy& policy);

/// Before a launch is forgotten: its on-demand time still counts.
void keep_on_demand_time(Record& record, const Launch& launch, Time now);

/// Of the machine that serves: why it is on-demand, and until when; empty when it is not.
std::string explain_on_demand(const Record& record, const Launch& launch);

}  // namespace fleet
