#include "aws/limits.hpp"

#include <algorithm>
#include <array>

namespace aws {
namespace {

struct ActionRate {
    std::string_view action;
    Rate rate;
};

/// Calls. The limits on machines (TerminateInstances, 1000 and then 20 a second) are never reached by calls
/// about one each.
constexpr auto ec2_rates = std::to_array<ActionRate>({
    {"RunInstances", {5, 2}},
    {"StartInstances", {5, 2}},
    {"TerminateInstances", {100, 5}},
    {"CreateTags", {100, 10}},
    {"DeleteTags", {100, 10}},
    {"CreateLaunchTemplateVersion", {100, 5}},
    {"CreateSnapshot", {100, 5}},
    {"DeleteSnapshot", {100, 5}},
    {"DeregisterImage", {100, 5}},
    {"ModifyLaunchTemplate", {100, 5}},
});

constexpr Rate ec2_read = {100, 20};
constexpr Rate ec2_write = {50, 5};
/// All calls of the account together, whatever the operation.
constexpr Rate route53_rate = {5, 5};

Rate ec2_rate(std::string_view action) {
    const auto* found = std::ranges::find(ec2_rates, action, &ActionRate::action);
    if (found != ec2_rates.end()) {
        return found->rate;
    }
    return action.starts_with("Describe") || action.starts_with("Get") ? ec2_read : ec2_write;
}

}  // namespace

std::optional<Limit> limit_of(Service service, std::string_view operation) {
    switch (service) {
        case Service::ec2:
            return Limit{std::string(operation), ec2_rate(operation)};
        case Service::route53:
            return Limit{"route53", route53_rate};
        case Service::sqs:
        case Service::sts:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace aws
