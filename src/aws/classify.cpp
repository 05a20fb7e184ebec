#include <algorithm>
#include <array>

#include "aws/error.hpp"

/// The table of AWS's error codes. Where a code is missing, its ending or the HTTP status decides.
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
namespace aws {
namespace {

using enum ErrorClass;

struct Rule {
    std::string_view code;
    ErrorClass kind;
};

constexpr auto rules = std::to_array<Rule>({
    {"Throttling", throttled},
    {"ThrottlingException", throttled},
    {"ThrottledException", throttled},
    {"RequestThrottledException", throttled},
    {"TooManyRequestsException", throttled},
    {"ProvisionedThroughputExceededException", throttled},
    {"TransactionInProgressException", throttled},
    {"RequestLimitExceeded", throttled},
    {"BandwidthLimitExceeded", throttled},
    {"LimitExceededException", throttled},
    {"RequestThrottled", throttled},
    {"SlowDown", throttled},
    {"PriorRequestNotComplete", throttled},
    {"EC2ThrottledException", throttled},
    {"RequestResourceCountExceeded", throttled},
    {"SnapshotCreationPerVolumeRateExceeded", throttled},
    {"KmsThrottled", throttled},
    {"KMS.ThrottlingException", throttled},
    {"OverLimit", throttled},

    {"RequestTimeout", transient},
    {"RequestTimeoutException", transient},
    {"InternalError", transient},
    {"InternalFailure", transient},
    {"InternalServerError", transient},
    {"InternalServerErrorException", transient},
    {"ServerInternal", transient},
    {"ServiceUnavailable", transient},
    {"Unavailable", transient},
    {"IDPCommunicationError", transient},
    {"RetryableError", transient},
    // Two writers tagged one thing at once: the same call again is right.
    {"ConcurrentTagAccess", transient},
    {"TransactionConflictException", transient},
    {"ReplicatedWriteConflictException", transient},

    {"RequestTimeTooSkewed", clock},
    {"RequestInTheFuture", clock},
    {"InvalidSecurity.RequestHasExpired", clock},

    // Bad key, wrong clock or expired credentials: the client looks at all three.
    {"AuthFailure", auth},
    {"RequestExpired", auth},
    {"InvalidSignatureException", auth},
    {"SignatureDoesNotMatch", auth},
    {"ExpiredToken", auth},
    {"ExpiredTokenException", auth},
    {"InvalidClientTokenId", auth},
    {"UnrecognizedClientException", auth},
    {"InvalidAccessKeyId", auth},
    {"InvalidToken", auth},
    {"InvalidIdentityToken", auth},

    {"AccessDenied", permission},
    {"AccessDeniedException", permission},
    {"UnauthorizedOperation", permission},
    {"OptInRequired", permission},
    {"PendingVerification", permission},
    {"Blocked", permission},
    {"RegionDisabledException", permission},
    {"IDPRejectedClaim", permission},
    {"AuthFailure.ServiceLinkedRoleCreationNotPermitted", permission},
    {"KmsAccessDenied", permission},

    {"QueueDoesNotExist", not_found},
    {"AWS.SimpleQueueService.NonExistentQueue", not_found},
    {"ResourceNotFoundException", not_found},
    {"InvalidID", not_found},
    {"InvalidInstanceID.NotLinkable", not_found},
    {"InvalidLaunchTemplateId.VersionNotFound", not_found},

    {"InvalidAMIID.Unavailable", not_yet_visible},

    {"InsufficientInstanceCapacity", capacity},
    {"UnfulfillableCapacity", capacity},
    {"InsufficientHostCapacity", capacity},
    {"InsufficientReservedInstanceCapacity", capacity},
    {"InsufficientVolumeCapacity", capacity},
    {"InsufficientAddressCapacity", capacity},
    {"InsufficientCapacity", capacity},
    {"InsufficientCapacityOnHost", capacity},
    {"ReservationCapacityExceeded", capacity},
    {"Unsupported", capacity},
    {"SpotMaxPriceTooLow", capacity},
    {"InsufficientFreeAddressesInSubnet", capacity},

    {"MaxSpotInstanceCountExceeded", quota},
    {"MaxFleetCountExceeded", quota},
    {"MaxSpotFleetRequestCountExceeded", quota},
    {"MaxConfigLimitExceededException", quota},
    {"TargetCapacityLimitExceededException", quota},

    {"IdempotentParameterMismatch", mismatch},
    {"IdempotentParameterMismatchException", mismatch},
    {"IdempotentInstanceTerminated", mismatch},

    {"InvalidAMIName.Duplicate", conflict},
    {"InvalidLaunchTemplateName.AlreadyExistsException", conflict},
    {"QueueNameExists", conflict},
    {"QueueAlreadyExists", conflict},
    {"QueueDeletedRecently", conflict},
    {"PurgeQueueInProgress", conflict},
    {"MessageNotInflight", conflict},
    {"IncorrectInstanceState", conflict},
    {"IncorrectState", conflict},
    {"IncorrectSpotRequestState", conflict},
    {"InvalidState", conflict},
    {"VolumeInUse", conflict},
    {"InvalidNetworkInterface.InUse", conflict},
    {"InvalidIPAddress.InUse", conflict},
    {"Resource.AlreadyAssociated", conflict},
    {"InvalidSnapshot.InUse", conflict},
    {"DependencyViolation", conflict},
    {"IncorrectModificationState", conflict},
    {"ConditionalCheckFailedException", conflict},
    {"TransactionCanceledException", conflict},

    // Against the rules of endings below: the caller named what is not there, or asked for too much at once.
    {"InvalidKeyPair.NotFound", invalid},
    {"InvalidSubnetID.NotFound", invalid},
    {"FilterLimitExceeded", invalid},
});

ErrorClass by_status(int status) {
    switch (status) {
        case 401:
            return auth;
        case 403:
            return permission;
        case 404:
            return not_found;
        case 408:
            return transient;
        case 409:
            return conflict;
        case 429:
            return throttled;
        default:
            return status >= 500 ? transient : invalid;
    }
}

}  // namespace

std::string_view to_string(ErrorClass kind) {
    switch (kind) {
        case throttled:
            return "throttled";
        case transient:
            return "transient";
        case clock:
            return "clock";
        case auth:
            return "auth";
        case permission:
            return "permission";
        case not_found:
            return "not_found";
        case not_yet_visible:
            return "not_yet_visible";
        case capacity:
            return "capacity";
        case quota:
            return "quota";
        case conflict:
            return "conflict";
        case mismatch:
            return "mismatch";
        case invalid:
            return "invalid";
    }
    return "?";
}

ErrorClass classify(std::string_view code, std::string_view message, int status) {
    if (message.starts_with("Signature expired") || message.starts_with("Signature not yet current")) {
        return clock;
    }
    const auto* rule = std::ranges::find(rules, code, &Rule::code);
    if (rule != rules.end()) {
        return rule->kind;
    }
    if (code.ends_with(".NotFound") || code.ends_with(".NotFoundException") || code.starts_with("NoSuch")) {
        return not_found;
    }
    if (code.ends_with("LimitExceeded")) {
        return quota;
    }
    return by_status(status);
}

}  // namespace aws
