#include "fleet/message.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace fleet {
namespace {

namespace json = base::json;

/// A page of a Health event holds fewer machines.
constexpr std::size_t health_machines_max = 200;
constexpr std::size_t health_code_bytes_max = 100;

/// Reads members of one JSON object; remembers the first that is missing or of a wrong type.
class Fields {
  public:
    explicit Fields(const json::object& object) : object_(object) {}

    /// A string that must be there and not be empty; AWS's own samples have blanks around ids.
    std::string text(std::string_view name) {
        const auto* found = object_.if_contains(name);
        if (!found || !found->is_string() || base::trim(found->get_string()).empty()) {
            complain(std::string(name), found);
            return {};
        }
        return std::string(base::trim(found->get_string()));
    }

    /// A string that may be absent, null or of another type: then it is empty.
    std::string text_or_empty(std::string_view name) const {
        const auto* found = object_.if_contains(name);
        return found && found->is_string() ? std::string(found->get_string()) : std::string{};
    }

    std::optional<Time> time(std::string_view name) {
        const auto when = base::parse_time(text(name));
        if (!when && reason_.empty()) {
            reason_ = std::string(name) + " is not a time";
        }
        return when;
    }

    const json::object* object_or_null(std::string_view name) const {
        const auto* found = object_.if_contains(name);
        return found && found->is_object() ? &found->get_object() : nullptr;
    }

    const json::object* object(std::string_view name) {
        const auto* found = object_or_null(name);
        if (!found) {
            complain(std::string(name), object_.if_contains(name));
        }
        return found;
    }

    void fail(std::string reason) {
        if (reason_.empty()) {
            reason_ = std::move(reason);
        }
    }

    const std::string& reason() const { return reason_; }

  private:
    void complain(const std::string& name, const json::value* found) {
        if (!found) {
            fail(name + " is missing");
        } else if (found->is_string()) {
            fail(name + " is empty");
        } else {
            fail(name + " has a wrong type");
        }
    }

    const json::object& object_;
    std::string reason_;
};

std::optional<Ec2State> state_named(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, Ec2State>, 6> names{{
        {"pending", Ec2State::pending},
        {"running", Ec2State::running},
        {"stopping", Ec2State::stopping},
        {"stopped", Ec2State::stopped},
        {"shutting-down", Ec2State::shutting_down},
        {"terminated", Ec2State::terminated},
    }};
    const auto* found = std::ranges::find(names, text, &std::pair<std::string_view, Ec2State>::first);
    return found == names.end() ? std::nullopt : std::optional{found->second};
}

MessageKind event_kind(std::string_view source, std::string_view type) {
    struct Row {
        std::string_view source;
        std::string_view type;
        MessageKind kind;
    };
    constexpr std::array<Row, 6> table{{
        {"aws.ec2", "EC2 Instance State-change Notification", MessageKind::state_change},
        {"aws.ec2", "EC2 Spot Instance Request Fulfillment", MessageKind::fulfillment},
        {"aws.ec2", "EC2 Spot Instance Interruption Warning", MessageKind::interruption},
        {"aws.ec2", "EC2 Instance Rebalance Recommendation", MessageKind::rebalance},
        {"aws.ec2", "EC2 AMI State Change", MessageKind::image},
        {"aws.health", "AWS Health Event", MessageKind::health},
    }};
    const auto* found =
        std::ranges::find_if(table, [&](const Row& row) { return row.source == source && row.type == type; });
    return found == table.end() ? MessageKind::other : found->kind;
}

void read_event_detail(Message& message, Fields& event) {
    const auto* detail_object = event.object("detail");
    if (!detail_object) {
        return;
    }
    Fields detail(*detail_object);
    switch (message.kind) {
        case MessageKind::state_change: {
            const auto machine = detail.text("instance-id");
            const auto name = detail.text("state");
            const auto state = state_named(name);
            if (!name.empty() && !state) {
                detail.fail("state is \"" + std::string(base::cut(name, 40)) + "\", which is not known");
            }
            message.body = StateChangeEvent{machine, state.value_or(Ec2State::unknown)};
            break;
        }
        case MessageKind::fulfillment: {
            const auto request = detail.text("spot-instance-request-id");
            message.body = FulfillmentEvent{request, detail.text("instance-id")};
            break;
        }
        case MessageKind::interruption: {
            const auto machine = detail.text("instance-id");
            message.body = InterruptionEvent{machine, detail.text("instance-action")};
            break;
        }
        case MessageKind::rebalance:
            message.body = RebalanceEvent{detail.text("instance-id")};
            break;
        case MessageKind::image: {
            const auto image = detail.text("ImageId");
            message.body = ImageEvent{image, detail.text("State")};
            break;
        }
        default:
            break;
    }
    if (!detail.reason().empty()) {
        event.fail("detail." + detail.reason());
    }
}

/// `i-0abc` of an id or of an ARN that ends with one; empty for what is no machine.
std::string machine_of(std::string_view entity) {
    const auto id = base::trim(entity.substr(entity.rfind('/') + 1));
    return id.starts_with("i-") ? std::string(id) : std::string{};
}

/// A planned change of EC2 for machines; nothing for what else Health tells: of other services, troubles of a
/// whole region, copies for a second region.
/// https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
std::optional<HealthEvent> planned_change(const json::object& detail_object, std::string_view region) {
    const Fields detail(detail_object);
    const auto of_region = detail.text_or_empty("eventRegion");
    const auto* entities = detail_object.if_contains("affectedEntities");
    if (detail.text_or_empty("service") != "EC2" ||
        detail.text_or_empty("eventTypeCategory") != "scheduledChange" ||
        (!of_region.empty() && of_region != region) || !entities || !entities->is_array()) {
        return std::nullopt;
    }
    HealthEvent event;
    event.over = detail.text_or_empty("statusCode") == "closed";
    event.code = base::cut(detail.text_or_empty("eventTypeCode"), health_code_bytes_max);
    event.begins = base::parse_http_date(detail.text_or_empty("startTime"));
    for (const auto& entity : entities->get_array()) {
        const auto machine = entity.is_object()
                                 ? machine_of(Fields(entity.get_object()).text_or_empty("entityValue"))
                                 : std::string{};
        if (!machine.empty() && event.machines.size() < health_machines_max) {
            event.machines.push_back(machine);
        }
    }
    return event.machines.empty() ? std::nullopt : std::optional{std::move(event)};
}

void read_health(Message& message, Fields& event) {
    const auto* detail = event.object_or_null("detail");
    auto change = detail ? planned_change(*detail, event.text_or_empty("region")) : std::nullopt;
    if (change) {
        message.id = event.text("id");
        message.time = event.time("time");
        message.account = event.text("account");
        message.region = event.text("region");
        message.body = std::move(*change);
    }
}

Message read_event(Fields& event) {
    Message message;
    message.kind = event_kind(event.text_or_empty("source"), event.text_or_empty("detail-type"));
    message.id = event.text_or_empty("id");
    const bool used = message.kind == MessageKind::state_change || message.kind == MessageKind::fulfillment ||
                      message.kind == MessageKind::interruption || message.kind == MessageKind::rebalance ||
                      message.kind == MessageKind::image;
    if (used) {
        message.id = event.text("id");
        message.time = event.time("time");
        message.account = event.text("account");
        message.region = event.text("region");
        read_event_detail(message, event);
    } else if (message.kind == MessageKind::health) {
        read_health(message, event);
    }
    return message;
}

std::optional<MessageKind> command_named(std::string_view text) {
    constexpr std::array kinds{MessageKind::register_,  MessageKind::retire,     MessageKind::replace,
                               MessageKind::pause,      MessageKind::resume,     MessageKind::update,
                               MessageKind::make_image, MessageKind::test_image, MessageKind::image_created};
    const auto* found = std::ranges::find(kinds, text, word);
    return found == kinds.end() ? std::nullopt : std::optional{*found};
}

/// The version of our own messages.
constexpr std::int64_t own_version = 1;

Message read_own(Fields& fields, const json::value& version) {
    Message message;
    if (!version.is_int64() || version.get_int64() != own_version) {
        fields.fail("spot_manager must be 1, the version of these messages");
    }
    const auto report = fields.text_or_empty("report");
    const auto command = fields.text_or_empty("command");
    if (report == "booted") {
        message.kind = MessageKind::booted;
        const auto name = fields.text("name");
        const auto machine = fields.text("machine");
        message.body = BootedReport{name, machine, fields.text_or_empty("token")};
    } else if (report == "drained") {
        message.kind = MessageKind::drained;
    } else if (const auto kind = command_named(command)) {
        message.kind = *kind;
        SignedCommand body;
        body.command = command;
        body.uid = fields.text("uid");
        body.issued = fields.text("issued");
        body.payload = fields.text_or_empty("payload");
        body.signature = fields.text("signature");
        if (body.payload.empty()) {
            fields.fail("payload is missing");
        }
        message.time = fields.time("issued");
        message.id = body.uid;
        message.body = std::move(body);
    }
    return message;
}

/// "NONE" is how the earlier system says that there is no address.
std::optional<std::string> legacy_address(const std::string& text) {
    return text.empty() || text == "NONE" ? std::nullopt : std::optional{text};
}

Message read_legacy_launched(Fields& fields) {
    Message message;
    message.kind = MessageKind::legacy_launched;
    message.body = LegacyLaunched{fields.text("iid"),
                                  {legacy_address(fields.text_or_empty("private_ip")),
                                   legacy_address(fields.text_or_empty("public_ip"))}};
    return message;
}

Message read_legacy_register(Fields& fields) {
    Message message;
    message.kind = MessageKind::legacy_register;
    const auto public_access = fields.text("public_access");
    if (!public_access.empty() && public_access != "TRUE" && public_access != "FALSE") {
        fields.fail("public_access must be TRUE or FALSE");
    }
    json::object dns;
    const auto add_name = [&](std::string_view side, const std::string& name) {
        if (!name.empty() && name != "NONE") {
            dns[side] = json::object{{"name", name}};
        }
    };
    add_name("private", fields.text_or_empty("private_ns"));
    if (public_access == "TRUE") {
        add_name("public", fields.text_or_empty("public_ns"));
    }
    json::object spec{
        {"name", fields.text("name")},
        {"image_id", fields.text("ami")},
        {"instance_types", json::array{json::value(fields.text("type"))}},
        {"subnet_ids", json::array{json::value(fields.text("subnet"))}},
        {"security_group_ids", json::array{json::value(fields.text("sg"))}},
        {"public_ip", public_access == "TRUE"},
        {"dns", std::move(dns)},
    };
    if (const auto price = fields.text_or_empty("price"); !price.empty()) {
        spec["max_price"] = price;
    }
    message.body = LegacyRegister{std::move(spec)};
    return message;
}

Message read_object(Fields& fields, const json::object& object) {
    if (object.contains("detail-type")) {
        return read_event(fields);
    }
    if (const auto* version = object.if_contains("spot_manager")) {
        return read_own(fields, *version);
    }
    const auto text = fields.text_or_empty("text");
    if (text == "Lumos new spot instance launched") {
        return read_legacy_launched(fields);
    }
    if (text == "New spot requested from web-server") {
        return read_legacy_register(fields);
    }
    return {};
}

}  // namespace

std::string_view word(MessageKind kind) {
    return kind == MessageKind::register_ ? "register" : boost::describe::enum_to_string(kind, "other");
}

std::expected<Message, Unusable> parse_message(std::string_view body) {
    const auto value = base::parse_json(body);
    if (!value) {
        return std::unexpected(Unusable{MessageKind::unreadable, {}, "the message " + value.error()});
    }
    if (!value->is_object()) {
        return std::unexpected(Unusable{MessageKind::unreadable, {}, "the message is not a JSON object"});
    }
    Fields fields(value->get_object());
    auto message = read_object(fields, value->get_object());
    if (!fields.reason().empty()) {
        return std::unexpected(Unusable{message.kind, message.id, fields.reason()});
    }
    return message;
}

std::vector<std::string> ids_of(const Message& message) {
    if (const auto* event = std::get_if<StateChangeEvent>(&message.body)) {
        return {event->machine};
    }
    if (const auto* event = std::get_if<FulfillmentEvent>(&message.body)) {
        return {event->request, event->machine};
    }
    if (const auto* event = std::get_if<InterruptionEvent>(&message.body)) {
        return {event->machine};
    }
    if (const auto* event = std::get_if<RebalanceEvent>(&message.body)) {
        return {event->machine};
    }
    if (const auto* event = std::get_if<HealthEvent>(&message.body)) {
        return event->machines;
    }
    if (const auto* event = std::get_if<ImageEvent>(&message.body)) {
        return {event->image};
    }
    if (const auto* report = std::get_if<BootedReport>(&message.body)) {
        return {report->machine};
    }
    if (const auto* report = std::get_if<LegacyLaunched>(&message.body)) {
        return {report->machine};
    }
    return {};
}

}  // namespace fleet
