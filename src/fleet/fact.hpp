#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fleet/record.hpp"

/// Everything that can be learned about a managed instance: from a message, from an AWS answer, from a sweep.
namespace fleet {

// From events. A loss told by an event is a claim until EC2 confirms it.

struct Fulfilled {
    std::string request;
    std::string machine;
};

struct StateChanged {
    std::string machine;
    Ec2State state = Ec2State::unknown;
};

struct Interrupted {
    std::string machine;
    std::string action;
    Time terminate_by;
};

struct RebalanceAdvised {
    std::string machine;
};

/// AWS has planned to stop, reboot or retire the machine.
struct ScheduledChange {
    std::string machine;
    std::string code;  ///< AWS's
    std::optional<Time> begins;
};

/// What AWS had planned for the machine does not take place, or has taken place.
struct ScheduledChangeOver {
    std::string machine;
};

// From machines.

struct Reported {
    std::string machine;
    ReportKind kind = ReportKind::booted;
    Addresses claimed;
};

// From EC2's descriptions.

struct MachineDescribed {
    std::string machine;
    Ec2State state = Ec2State::unknown;
    Addresses addresses;
    std::string reason = {};                  ///< EC2's code of why it is so: `Client.UserInitiatedShutdown`
    std::optional<std::string> request = {};  ///< the spot request that it came from
};

/// A complete sweep of all our machines did not show this one.
struct MachineAbsent {
    std::string machine;
};

/// EC2's status checks of the machine, as they changed.
struct StatusChecked {
    std::string machine;
    bool impaired = false;
};

struct RequestDescribed {
    std::string request;
    RequestState state = RequestState::unknown;
    std::string status;  ///< code and message
    std::optional<std::string> machine;
    std::optional<Time> status_since = {};  ///< where EC2 tells
};

/// EC2, asked for it by id, does not know the spot request: not yet, or no longer.
struct RequestAbsent {
    std::string request;
};

// From actions. `generation` and `attempt` say which attempt.

/// Must be durable before the call leaves.
struct AttemptSending {
    int generation = 0;
    int attempt = 0;
};

struct AttemptAnswered {
    int generation = 0;
    int attempt = 0;
    std::string request;
};

/// Looked for by its tag and not seen: it may be sent again, with the same token.
struct AttemptNotFound {
    int generation = 0;
    int attempt = 0;
};

/// An instant fleet gave a machine, or a machine that carries the attempt's token was found.
struct FleetAnswered {
    int generation = 0;
    int attempt = 0;
    std::string fleet;
    std::string machine;
    Pool pool;                           ///< it came from
    std::vector<Pool> no_capacity = {};  ///< the pools that could not give it
};

/// EC2 will never carry this attempt out.
struct AttemptRefused {
    int generation = 0;
    int attempt = 0;
    bool no_capacity = false;      ///< the pool's fault, not the request's
    std::string reason;            ///< a sentence with EC2's code
    std::vector<Pool> pools = {};  ///< of a fleet: those without capacity
    bool no_image = false;         ///< EC2 does not know its image
};

/// EC2 has a launch template for this revision of the spec.
struct TemplateMade {
    LaunchTemplate launch_template;
};

/// EC2 has no launch template of the name, or no longer.
struct TemplateGone {};

/// Must be durable before the cancel leaves.
struct CancelSending {
    std::string request;
};

struct CancelAnswered {
    std::string request;
};

struct MachineTagged {
    std::string machine;
};

/// Our tag was overwritten: the machine is its user's.
struct Released {
    std::string machine;
};

struct ProbePassed {
    std::string machine;
};

/// The probe of a machine that has been ready does not pass.
struct ProbeFailed {
    std::string machine;
    std::string reason;
};

struct ZoneFound {
    Side side = Side::private_;
    std::string zone_id;
};

/// Must be durable before the batch leaves.
struct UpsertSending {
    Side side = Side::private_;
    int generation = 0;
    std::string address;
    std::int64_t ttl = 30;
};

struct UpsertAccepted {
    Side side = Side::private_;
    int generation = 0;
    std::string address;
    std::string change;
};

/// Of a retired name: Route53 took the deletion of our record.
struct RecordDeleted {
    Side side = Side::private_;
    std::string address;
};

/// Of a retired name: what stands there, if anything, is not ours to delete.
struct RecordLeft {
    Side side = Side::private_;
    std::string reason;
};

/// Route53 refused the change: nothing was written.
struct UpsertRefused {
    Side side = Side::private_;
    std::string reason;
    bool no_zone = false;  ///< there is no such hosted zone
};

struct ChangeInSync {
    std::string change;
};

/// The action under this key failed or its outcome is unknown: it is tried again later.
struct ActionFailed {
    std::string key;
    std::string reason;
};

/// The action under this key asked, and it is not so yet: it is asked again after the action's own interval.
struct NotYet {
    std::string key;
};

/// A spot request, or a fleet's machine, that carries this name's tags was found and the record does not know
/// it.
struct Adopted {
    int generation = 0;
    std::string request;     ///< empty: a fleet's machine
    std::string token = {};  ///< of its attempt, where the tags say so
    bool late = false;       ///< messages about it may have come and gone: its machine will not report again
    std::string machine = {};  ///< of a fleet
    Pool pool = {};            ///< of the fleet's machine
    bool test = false;         ///< of an image: it never serves
};

/// What stood under a published name in a look at its zone that began at the fact's time.
struct DnsSeen {
    Side side = Side::private_;
    std::vector<std::string> values;  ///< of the A record; none: there is none
    std::int64_t ttl = 0;
    std::string other = {};  ///< what is not written over: "a CNAME", "a routing policy"
};

// About images. `image` is the number in the chain, `id` EC2's.

/// Must be durable before CreateImage leaves.
struct ImageSending {
    int image = 0;
};

/// EC2 has taken it, or it was found under its AMI name.
struct ImageAnswered {
    int image = 0;
    std::string id;
};

/// Looked up by its AMI name and not seen.
struct ImageNotFound {
    int image = 0;
};

/// EC2 will never make this image.
struct ImageRefused {
    int image = 0;
    std::string reason;  ///< a sentence with EC2's code
};

/// An event tells that an image has another state: EC2 is asked.
struct ImageTold {
    std::string id;
    std::string state;  ///< EC2's: `available`, `failed`, `deregistered`, `disabled`
};

struct ImageDescribed {
    std::string id;
    ImageState state = ImageState::unknown;
    std::vector<std::string> snapshots = {};
    std::string reason = {};  ///< EC2's, of a failed one
};

/// EC2, asked for it by id or in a complete sweep, does not know the image.
struct ImageAbsent {
    std::string id;
};

/// The signed command about it has come through the queue.
struct ImageAnnounced {
    std::string id;
};

/// EC2 has it no more: deregistered, or not known when it was to be.
struct ImageDeregistered {
    std::string id;
};

/// EC2 has it no more.
struct SnapshotDeleted {
    std::string snapshot;
};

/// The user's command: an image now.
struct ImageAsked {};

/// The user's command: a machine is to boot from the newest candidate, beside what serves.
struct ImageTestAsked {};

/// The user's command.
struct RetirementAsked {
    std::string command;  ///< its uid
    bool keep_machine = false;
    bool remove_images = false;
};

/// The user's command: another machine, though this one is well.
struct ReplacementAsked {};

/// The user's command: the machine is given back until the name is resumed.
struct PauseAsked {};

struct ResumeAsked {};

/// The user's command: another spec, from the next launch on.
struct SpecChanged {
    Spec spec;
    bool replace = false;  ///< at once
};

/// Nothing was learned but that time went by.
struct TimePassed {};

struct Fact {
    Time at;  ///< when it was so: an event's own time, the moment of an answer
    std::variant<TimePassed, Fulfilled, StateChanged, Interrupted, RebalanceAdvised, Reported,
                 MachineDescribed, MachineAbsent, RequestDescribed, RequestAbsent, AttemptSending,
                 AttemptAnswered, AttemptNotFound, FleetAnswered, AttemptRefused, TemplateMade, TemplateGone,
                 CancelSending, CancelAnswered, MachineTagged, Released, ProbePassed, ProbeFailed,
                 StatusChecked, ScheduledChange, ScheduledChangeOver, ZoneFound, UpsertSending,
                 UpsertAccepted, UpsertRefused, ChangeInSync, RecordDeleted, RecordLeft, ActionFailed, NotYet,
                 Adopted, RetirementAsked, ReplacementAsked, PauseAsked, ResumeAsked, SpecChanged, DnsSeen,
                 ImageSending, ImageAnswered, ImageNotFound, ImageRefused, ImageTold, ImageDescribed,
                 ImageAbsent, ImageAnnounced, ImageDeregistered, SnapshotDeleted, ImageAsked, ImageTestAsked>
        body;
};

}  // namespace fleet
