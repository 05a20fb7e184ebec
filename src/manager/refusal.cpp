#include "manager/refusal.hpp"

namespace manager {

using aws::ErrorClass;

bool is_without_image(const aws::Error& error) {
    return error.code.starts_with("InvalidAMIID.");
}

bool is_refusal(const aws::Error& error) {
    if (is_without_image(error)) {
        // The next attempt may boot from another.
        return !error.outcome_unknown;
    }
    switch (error.kind) {
        case ErrorClass::permission:
        case ErrorClass::not_found:
        case ErrorClass::capacity:
        case ErrorClass::quota:
        case ErrorClass::invalid:
            return !error.outcome_unknown;
        default:
            return false;
    }
}

std::string refusal(const aws::Error& error, fleet::Market market, const std::string& pools) {
    const auto said = aws::describe(error);
    const std::string kind = market == fleet::Market::spot ? "spot" : "on-demand";
    switch (error.kind) {
        case ErrorClass::capacity:
            return "no " + kind + " capacity for " + pools + ": " + said;
        case ErrorClass::quota:
            return "the account's quota of " + kind + " machines is used up: " + said;
        case ErrorClass::permission:
            return "we are not permitted to ask for " +
                   std::string(market == fleet::Market::spot ? "a spot" : "an on-demand") +
                   " machine: " + said;
        case ErrorClass::throttled:
        case ErrorClass::transient:
            return "EC2 could not give a machine just now: " + said;
        default:
            return "EC2 does not take what the registration asks for: " + said;
    }
}

std::string template_refusal(const aws::Error& error) {
    const auto said = aws::describe(error);
    switch (error.kind) {
        case ErrorClass::permission:
            return "we are not permitted to keep a launch template: " + said;
        case ErrorClass::invalid:
            return "EC2 makes no launch template of what the registration asks for: " + said;
        default:
            return "a launch template: " + said;
    }
}

std::string image_refusal(const aws::Error& error) {
    auto said = aws::describe(error);
    switch (error.kind) {
        case ErrorClass::permission:
            return "we are not permitted to keep images: " + said;
        case ErrorClass::quota:
            return "the account's quota of images or snapshots is used up: " + said;
        case ErrorClass::not_found:
            return "what it was to be made of is gone: " + said;
        default:
            return said;
    }
}

}  // namespace manager
