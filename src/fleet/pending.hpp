#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// The record is the outbox: what to do next follows from it, after a crash as before.
namespace fleet {

enum class ActionKind {
    request_spot,      ///< RequestSpotInstances, after AttemptSending is durable
    make_template,     ///< CreateLaunchTemplate, or a version of it for the spec's revision
    create_fleet,      ///< CreateFleet, after AttemptSending is durable
    look_up_attempt,   ///< was the attempt taken? its answer was lost
    cancel_request,    ///< CancelSpotInstanceRequests, after CancelSending is durable
    describe_request,  ///< has the cancelled request ended, and without a machine?
    tag_machine,
    release_machine,  ///< our tag is overwritten: the machine is its user's
    describe_machine,
    terminate_machine,
    probe_machine,
    find_zone,
    publish_dns,
    remove_dns,  ///< of a retired name, while the record is ours
    follow_change,
    delete_template,  ///< of a retired name, when nothing else of it is left
    create_image,     ///< CreateImage, after ImageSending is durable
    follow_image,     ///< what has become of it? by its AMI name while EC2's id is not known
    announce_image,   ///< publishes the signed command that brings it into the chain
    deregister_image,
    delete_snapshot,
};
BOOST_DESCRIBE_ENUM(ActionKind, request_spot, make_template, create_fleet, look_up_attempt, cancel_request,
                    describe_request, tag_machine, release_machine, describe_machine, terminate_machine,
                    probe_machine, find_zone, publish_dns, remove_dns, follow_change, delete_template,
                    create_image, follow_image, announce_image, deregister_image, delete_snapshot)

struct Action {
    ActionKind kind = ActionKind::request_spot;
    std::string key;  ///< unique in its record: what is under way under it is not begun again
    int generation = 0;
    int attempt = 0;  ///< of request_spot, create_fleet and look_up_attempt
    int image = 0;    ///< of those about images: its number in the chain
    std::string id;   ///< the spot request, machine, template, DNS change, image or snapshot it is about
    Side side = Side::private_;  ///< of find_zone, publish_dns and remove_dns
    Time not_before;
    std::optional<Time> needed_by;  ///< of the name, see urgency.hpp: the most urgent goes first
};

/// What to do now, in AWS, for this record.
std::vector<Action> pending(const Record& record, Time now, const Policy& policy);

/// When to look at the record again though nothing happens; nothing when only a fact can move it. Not later
/// than `now` when a time has come since the record was last decided on.
std::optional<Time> deadline(const Record& record, Time now, const Policy& policy);

/// Exponential with half jitter, from the hash of (uid, key, tries): a record's own, and the same after a
/// crash.
Duration backoff(const std::string& uid, const std::string& key, int tries, Duration first, Duration max);

/// The address and time to live that a side should have now, if a machine is ready and it has one.
std::optional<DnsWrite> wanted_write(const Record& record, Side side);

/// The side's record in DNS is not what it should be now, and its zone is known.
bool is_to_be_written(const Record& record, Side side);

/// The key of an action on a launch: `2/tag/i-0abc`.
std::string action_key(int generation, std::string_view what, std::string_view id);

/// The key under which the wait before a launch's next attempt is kept in Record::retries.
std::string relaunch_key(int generation);

/// The key of the action about the name's launch template.
inline constexpr const char* template_key = "template";

}  // namespace fleet
