#include "sim/control_machines.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <string>

namespace sim {

namespace json = boost::json;

namespace {

/// A member that is one of some words; the first stands for its absence.
Answer<std::string> read_word(const json::object& body, std::string_view name,
                              const std::vector<std::string_view>& words) {
    const auto* given = body.if_contains(name);
    if (given == nullptr) {
        return std::string(words.front());
    }
    auto text = given->is_string() ? std::string(given->get_string()) : json::serialize(*given);
    if (std::ranges::find(words, text) != words.end()) {
        return text;
    }
    std::string all;
    for (const auto& word : words) {
        all += (all.empty() ? "" : ", ") + std::string(word);
    }
    return refuse("", std::string(name) + " must be one of " + all + ", not " + text);
}

bool read_flag(const json::object& body, std::string_view name) {
    const auto* given = body.if_contains(name);
    return given != nullptr && given->is_bool() && given->get_bool();
}

Answer<std::optional<base::Duration>> read_duration(const json::object& body, std::string_view name) {
    const auto* given = body.if_contains(name);
    if (given == nullptr) {
        return std::nullopt;
    }
    const auto duration =
        given->is_string() ? base::parse_duration(std::string_view(given->get_string())) : std::nullopt;
    if (!duration) {
        return refuse("", std::string(name) + " must be a duration such as 500ms, 2s or 1m, not " +
                              json::serialize(*given));
    }
    return duration;
}

using Action = Answer<void> (*)(Cloud&, Machine&, const json::object&);

Answer<void> notice(Cloud& cloud, Machine& machine, const json::object& body) {
    const auto action = read_word(body, "action", {"terminate", "stop", "hibernate"});
    const auto reason = read_word(body, "reason", {"no-capacity", "by-price", "capacity-oversubscribed"});
    const auto left = read_duration(body, "in");
    if (!action || !reason || !left) {
        return std::unexpected(!action ? action.error() : !reason ? reason.error() : left.error());
    }
    cloud.interruptions.warn(machine, {.action = *action,
                                       .reason = *reason,
                                       .left = *left,
                                       .held = read_flag(body, "held"),
                                       .closes_request = read_flag(body, "closes_request")});
    return {};
}

Answer<void> release(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    if (!machine.end_held) {
        return refuse("", "the end of machine " + machine.id + " is not held", 409);
    }
    cloud.interruptions.release(machine);
    return {};
}

Answer<void> lose(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    cloud.interruptions.take(machine);
    return {};
}

Answer<void> rebalance(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    cloud.interruptions.recommend_rebalance(machine);
    return {};
}

Answer<void> plan(Cloud& cloud, Machine& machine, const json::object& body) {
    const auto code = read_word(
        body, "code",
        {"instance-retirement", "instance-stop", "instance-reboot", "system-reboot", "system-maintenance"});
    const auto in = read_duration(body, "in");
    if (!code || !in) {
        return std::unexpected(!code ? code.error() : in.error());
    }
    cloud.interruptions.plan_change(machine, *code, in->value_or(std::chrono::hours{24 * 14}));
    return {};
}

Answer<void> call_off(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    cloud.interruptions.call_off(machine);
    return {};
}

Answer<void> impair(Cloud& cloud, Machine& machine, const json::object& body) {
    const auto check = read_word(body, "check", {"instance", "system"});
    if (!check) {
        return std::unexpected(check.error());
    }
    (*check == "instance" ? machine.impaired_since : machine.system_impaired_since) = cloud.timeline.now();
    return {};
}

Answer<void> heal(Cloud& /*cloud*/, Machine& machine, const json::object& /*body*/) {
    machine.impaired_since.reset();
    machine.system_impaired_since.reset();
    return {};
}

Answer<void> web(Cloud& /*cloud*/, Machine& machine, const json::object& body) {
    const auto answer = read_word(body, "answer", {"ok", "error", "reset", "silence"});
    if (!answer) {
        return std::unexpected(answer.error());
    }
    machine.web_answer = *answer;
    return {};
}

Answer<void> disk(Cloud& /*cloud*/, Machine& machine, const json::object& body) {
    const auto* spoiled = body.if_contains("spoiled");
    if (spoiled == nullptr || !spoiled->is_bool()) {
        return refuse("", "spoiled must be true or false");
    }
    machine.spoiled = spoiled->get_bool();
    return {};
}

Answer<void> reboot(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    cloud.machines.reboot(machine);
    return {};
}

Answer<void> stop(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    cloud.machines.stop(machine,
                        {.code = "Client.InstanceInitiatedShutdown",
                         .message = "Client.InstanceInitiatedShutdown: Instance initiated shutdown"});
    return {};
}

Answer<void> start(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    cloud.machines.start(machine);
    return {};
}

Answer<void> terminate(Cloud& cloud, Machine& machine, const json::object& /*body*/) {
    cloud.machines.terminate(machine, user_initiated());
    return {};
}

struct Verb {
    std::string_view name;
    Action action;
    bool of_stopped = false;  ///< instead of a machine that starts or runs
};

constexpr Verb verbs[] = {
    {"notice", notice},     {"release", release},     {"lose", lose},     {"rebalance", rebalance},
    {"plan", plan},         {"call-off", call_off},   {"impair", impair}, {"heal", heal},
    {"disk", disk},         {"reboot", reboot},       {"web", web},       {"stop", stop},
    {"start", start, true}, {"terminate", terminate},
};

}  // namespace

Answer<void> act_on_machine(Cloud& cloud, Machine& machine, std::string_view verb, const json::object& body) {
    const auto* const found = std::ranges::find(verbs, verb, &Verb::name);
    if (found == std::end(verbs)) {
        return refuse("", "there is no action " + std::string(verb), 404);
    }
    const bool lives = machine.state == MachineState::pending || machine.state == MachineState::running;
    if (found->of_stopped ? machine.state != MachineState::stopped : !lives) {
        return refuse("", "machine " + machine.id + " is " + std::string(name_of(machine.state)), 409);
    }
    return found->action(cloud, machine, body);
}

}  // namespace sim
