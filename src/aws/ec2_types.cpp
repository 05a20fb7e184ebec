#include "aws/ec2_types.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace aws {
namespace {

template <class State>
using Word = std::pair<State, std::string_view>;

constexpr std::array<Word<InstanceState>, 6> instance_words = {{
    {InstanceState::pending, "pending"},
    {InstanceState::running, "running"},
    {InstanceState::shutting_down, "shutting-down"},
    {InstanceState::terminated, "terminated"},
    {InstanceState::stopping, "stopping"},
    {InstanceState::stopped, "stopped"},
}};

constexpr std::array<Word<SpotRequestState>, 6> request_words = {{
    {SpotRequestState::open, "open"},
    {SpotRequestState::active, "active"},
    {SpotRequestState::closed, "closed"},
    {SpotRequestState::cancelled, "cancelled"},
    {SpotRequestState::failed, "failed"},
    {SpotRequestState::disabled, "disabled"},
}};

template <class State, std::size_t N>
std::string_view word_of(const std::array<Word<State>, N>& words, State state) {
    const auto* found = std::ranges::find(words, state, &Word<State>::first);
    return found == words.end() ? "unknown" : found->second;
}

template <class State, std::size_t N>
State state_of(const std::array<Word<State>, N>& words, std::string_view word) {
    const auto* found = std::ranges::find(words, word, &Word<State>::second);
    return found == words.end() ? State::unknown : found->first;
}

}  // namespace

std::string_view to_string(InstanceState state) {
    return word_of(instance_words, state);
}

std::string_view to_string(SpotRequestState state) {
    return word_of(request_words, state);
}

InstanceState parse_instance_state(std::string_view word) {
    return state_of(instance_words, word);
}

SpotRequestState parse_spot_request_state(std::string_view word) {
    return state_of(request_words, word);
}

}  // namespace aws
