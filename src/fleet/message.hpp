#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fleet/command.hpp"
#include "fleet/record.hpp"

/// What SQS delivers, told apart and read: EventBridge's events, machines' reports, signed commands, and the
/// messages of the earlier Python system. Shapes: proto/messages, and AWS's own for events.
namespace fleet {

enum class MessageKind {
    state_change,     ///< EC2 Instance State-change Notification
    fulfillment,      ///< EC2 Spot Instance Request Fulfillment
    interruption,     ///< EC2 Spot Instance Interruption Warning
    rebalance,        ///< EC2 Instance Rebalance Recommendation
    health,           ///< AWS Health Event
    image,            ///< EC2 AMI State Change
    booted,           ///< a machine's report
    drained,          ///< a machine's report
    register_,        ///< a signed command
    retire,           ///< a signed command
    replace,          ///< a signed command
    pause,            ///< a signed command
    resume,           ///< a signed command
    update,           ///< a signed command
    make_image,       ///< a signed command
    test_image,       ///< a signed command
    image_created,    ///< a signed command, our own or another tool's
    legacy_launched,  ///< the earlier system's report
    legacy_register,  ///< the earlier system's registration
    other,            ///< JSON of a kind that is not known
    unreadable,       ///< no JSON object
};
BOOST_DESCRIBE_ENUM(MessageKind, state_change, fulfillment, interruption, rebalance, health, image, booted,
                    drained, register_, retire, replace, pause, resume, update, make_image, test_image,
                    image_created, legacy_launched, legacy_register, other, unreadable)

/// The kind's word in logs, metrics and replays: `state_change`, `register`.
std::string_view word(MessageKind kind);

struct StateChangeEvent {
    std::string machine;
    Ec2State state = Ec2State::unknown;
};

struct FulfillmentEvent {
    std::string request;
    std::string machine;
};

struct InterruptionEvent {
    std::string machine;
    std::string action;
};

struct RebalanceEvent {
    std::string machine;
};

/// AWS Health's word that EC2 will stop, reboot or retire machines. Other Health events are `Unused`.
struct HealthEvent {
    std::vector<std::string> machines;
    bool over = false;           ///< it does not take place, or has taken place
    std::string code;            ///< `AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED`
    std::optional<Time> begins;  ///< where it is told
};

struct ImageEvent {
    std::string image;
    std::string state;
};

struct BootedReport {
    std::string name;
    std::string machine;
    std::string token;
};

struct LegacyLaunched {
    std::string machine;
    Addresses claimed;
};

/// The earlier system's registration, as the document of a spec.
struct LegacyRegister {
    base::json::value spec;
};

/// A kind that is known and not used.
struct Unused {};

struct Message {
    MessageKind kind = MessageKind::other;
    std::string id;            ///< EventBridge's event id, a command's uid; empty where the message has none
    std::optional<Time> time;  ///< EventBridge's `time`, a command's `issued`
    std::string account;       ///< of an event
    std::string region;        ///< of an event
    std::variant<Unused, StateChangeEvent, FulfillmentEvent, InterruptionEvent, RebalanceEvent, HealthEvent,
                 ImageEvent, BootedReport, LegacyLaunched, LegacyRegister, SignedCommand>
        body;
};

/// A message that cannot be used, and why, as a sentence.
struct Unusable {
    MessageKind kind = MessageKind::unreadable;
    std::string id;
    std::string reason;
};

/// Reads the body of a message. Never throws; unknown members are ignored, since AWS adds them at will.
std::expected<Message, Unusable> parse_message(std::string_view body);

/// The machine, spot request or image ids by which the message finds its managed instance.
std::vector<std::string> ids_of(const Message& message);

}  // namespace fleet
