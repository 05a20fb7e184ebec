#include "fleet/learner.hpp"

/// What users ask for a name that goes on.
namespace fleet {

void Learner::operator()(const ReplacementAsked& /*fact*/) {}

void Learner::operator()(const PauseAsked& /*fact*/) {}

void Learner::operator()(const ResumeAsked& /*fact*/) {}

void Learner::operator()(const SpecChanged& /*fact*/) {}

}  // namespace fleet
