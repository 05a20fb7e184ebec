#include "fleet/message.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "fleet/reception.hpp"

using namespace fleet;

namespace {

const auto events = std::filesystem::path(TEST_DATA) / "events";

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

Message read(std::string_view body) {
    const auto message = parse_message(body);
    REQUIRE_MESSAGE(message.has_value(), (message ? "" : message.error().reason));
    return *message;
}

Unusable unusable(std::string_view body) {
    const auto message = parse_message(body);
    CAPTURE(body);
    REQUIRE_FALSE(message);
    return message.error();
}

/// The kind of each sample by the beginning of its file's name.
const std::map<std::string, MessageKind, std::less<>> kinds{
    {"ami-state-change", MessageKind::image},
    {"autoscaling", MessageKind::other},
    {"capacity-reservation", MessageKind::other},
    {"ebs", MessageKind::other},
    {"health", MessageKind::health},
    {"instance-rebalance", MessageKind::rebalance},
    {"instance-state-change", MessageKind::state_change},
    {"spot-instance-request-fulfillment", MessageKind::fulfillment},
    {"spot-interruption-warning", MessageKind::interruption},
};

struct Broken {
    std::string body;
    MessageKind kind;
    std::string reason;
};

std::string event(std::string_view type, std::string_view detail) {
    return R"({"id":"e-1","detail-type":")" + std::string(type) +
           R"(","source":"aws.ec2","account":"1","time":"2026-01-15T12:00:00Z","region":"r","detail":)" +
           std::string(detail) + "}";
}

constexpr std::string_view state_change = "EC2 Instance State-change Notification";
constexpr std::string_view fulfillment = "EC2 Spot Instance Request Fulfillment";
constexpr std::string_view interruption = "EC2 Spot Instance Interruption Warning";
constexpr std::string_view rebalance = "EC2 Instance Rebalance Recommendation";

}  // namespace

TEST_CASE("every sample event is read as what it is") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(events)) {
        if (entry.path().extension() != ".json") {
            continue;
        }
        const auto name = entry.path().filename().string();
        CAPTURE(name);
        const auto kind =
            std::ranges::find_if(kinds, [&](const auto& row) { return name.starts_with(row.first); });
        REQUIRE(kind != kinds.end());
        CHECK(read(text_of(entry.path())).kind == kind->second);
        ++count;
    }
    CHECK(count >= 25);
}

TEST_CASE("what an event says is read from its detail") {
    const auto changed = read(text_of(events / "instance-state-change-shutting-down.json"));
    CHECK(std::get<StateChangeEvent>(changed.body).machine == "i-1234567890abcdef0");
    CHECK(std::get<StateChangeEvent>(changed.body).state == Ec2State::shutting_down);
    CHECK(changed.id == "7bf73129-1428-4cd3-a780-95db273d1602");
    CHECK(changed.account == "123456789012");
    CHECK(changed.region == "us-east-2");
    CHECK(changed.time == base::parse_time("2026-01-15T11:59:58Z"));

    const auto fulfilled = read(text_of(events / "spot-instance-request-fulfillment.json"));
    CHECK(std::get<FulfillmentEvent>(fulfilled.body).request == "sir-1a2b3c4d");
    CHECK(std::get<FulfillmentEvent>(fulfilled.body).machine == "i-1234567890abcdef0");
    CHECK(ids_of(fulfilled) == std::vector<std::string>{"sir-1a2b3c4d", "i-1234567890abcdef0"});

    for (const auto* file : {"terminate", "stop", "hibernate"}) {
        const auto warned =
            read(text_of(events / ("spot-interruption-warning-" + std::string(file) + ".json")));
        CHECK(std::get<InterruptionEvent>(warned.body).action == file);
    }
    const auto zone_arn = read(text_of(events / "spot-interruption-warning-zone-arn.json"));
    CHECK(std::get<InterruptionEvent>(zone_arn.body).machine == "i-1234567890abcdef0");

    const auto image = read(text_of(events / "ami-state-change-failed.json"));
    CHECK(std::get<ImageEvent>(image.body).image == "ami-0abcdef1234567890");
    CHECK(std::get<ImageEvent>(image.body).state == "failed");
    CHECK(ids_of(image) == std::vector<std::string>{"ami-0abcdef1234567890"});

    const auto blanks = read(event(rebalance, R"({"instance-id":" i-1 "})"));
    CHECK(std::get<RebalanceEvent>(blanks.body).machine == "i-1");
}

TEST_CASE("what Health has planned for machines is read, and nothing else of it") {
    const auto retired = read(text_of(events / "health-scheduled-change-retirement.json"));
    const auto& event = std::get<HealthEvent>(retired.body);
    CHECK(event.machines == std::vector<std::string>{"i-1234567890abcdef0"});
    CHECK_FALSE(event.over);
    CHECK(event.code == "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED");
    CHECK(event.begins == base::parse_time("2026-02-10T13:19:03Z"));
    CHECK(retired.account == "123456789012");
    CHECK(ids_of(retired) == event.machines);
    const auto by_arn = read(text_of(events / "health-scheduled-change-arn-entity.json"));
    CHECK(std::get<HealthEvent>(by_arn.body).machines == event.machines);
    const auto short_form = read(text_of(events / "health-scheduled-change-short-form.json"));
    CHECK(std::get<HealthEvent>(short_form.body).begins == base::parse_time("2026-06-05T15:10:09Z"));
    CHECK(std::holds_alternative<Unused>(read(text_of(events / "health-issue-backup-event.json")).body));
}

TEST_CASE("Health events about other things, or of odd shapes, are not used and harm nobody") {
    const auto health = [](std::string_view detail, std::string_view rest = R"("id":"e","account":"1",)") {
        return "{" + std::string(rest) +
               R"("detail-type":"AWS Health Event","source":"aws.health","time":"2026-01-15T12:00:00Z","region":"r","detail":)" +
               std::string(detail) + "}";
    };
    const std::string machines = R"("affectedEntities":[{"entityValue":"i-1"}])";
    const std::string planned = R"("service":"EC2","eventTypeCategory":"scheduledChange",)";
    for (const auto& body :
         {health("null"), health("[]"), health("{}"), health(R"({"service":"RDS",)" + machines + "}"),
          health(R"({"service":"EC2","eventTypeCategory":"issue",)" + machines + "}"),
          health("{" + planned + R"("affectedEntities":{}})"),
          health("{" + planned + R"("affectedEntities":[]})"),
          health("{" + planned +
                 R"("affectedEntities":[7,null,{},{"entityValue":5},{"entityValue":"vol-1"}]})"),
          health("{" + planned + R"("eventRegion":"elsewhere",)" + machines + "}")}) {
        CAPTURE(body);
        CHECK(read(body).kind == MessageKind::health);
        CHECK(std::holds_alternative<Unused>(read(body).body));
    }
    CHECK(
        std::get<HealthEvent>(read(health("{" + planned + R"("statusCode":"closed",)" + machines + "}")).body)
            .over);
    const auto odd =
        read(health("{" + planned + R"("startTime":"soon","eventTypeCode":[],)" + machines + "}"));
    CHECK_FALSE(std::get<HealthEvent>(odd.body).begins);
    CHECK(unusable(health("{" + planned + machines + "}", "")).reason == "id is missing");
}

TEST_CASE("anything but a JSON object is unreadable, and says why") {
    for (const auto* body : {"null", "true", "0", "-1.5e3", "\"text\"", "[]", "[{}]", "", " ", "{", "no JSON",
                             "{\"a\":1} trailing", "\xff\xfe", "{\"a\":\"\xc3\x28\"}"}) {
        const auto error = unusable(body);
        CHECK(error.kind == MessageKind::unreadable);
        CHECK(error.reason.starts_with("the message "));
    }
    CHECK(unusable(std::string(100'000, '[')).kind == MessageKind::unreadable);
}

TEST_CASE("objects of unknown kinds are no error") {
    for (const auto* body :
         {"{}", R"({"detail-type":null})", R"({"detail-type":7,"source":[]})", R"({"text":"hello"})",
          R"({"text":{}})", R"({"detail-type":"EC2 Instance State-change Notification","source":"my.app"})",
          R"({"spot_manager":1})", R"({"spot_manager":1,"report":"danced"})", R"({"Records":[]})"}) {
        CAPTURE(body);
        CHECK(read(body).kind == MessageKind::other);
    }
}

TEST_CASE("a missing, null or wrongly typed field is named, in each kind of message") {
    const std::vector<Broken> table{
        {event(state_change, "{}"), MessageKind::state_change, "detail.instance-id is missing"},
        {event(state_change, "null"), MessageKind::state_change, "detail has a wrong type"},
        {event(state_change, R"({"instance-id":null,"state":"running"})"), MessageKind::state_change,
         "detail.instance-id has a wrong type"},
        {event(state_change, R"({"instance-id":"i-1"})"), MessageKind::state_change,
         "detail.state is missing"},
        {event(state_change, R"({"instance-id":"i-1","state":"dancing"})"), MessageKind::state_change,
         "detail.state is \"dancing\", which is not known"},
        {event(fulfillment, R"({"instance-id":"i-1"})"), MessageKind::fulfillment,
         "detail.spot-instance-request-id is missing"},
        {event(fulfillment, R"({"spot-instance-request-id":"sir-1","instance-id":5})"),
         MessageKind::fulfillment, "detail.instance-id has a wrong type"},
        {event(interruption, R"({"instance-id":"i-1","instance-action":{}})"), MessageKind::interruption,
         "detail.instance-action has a wrong type"},
        {event(rebalance, R"({"instance-id":"  "})"), MessageKind::rebalance, "detail.instance-id is empty"},
        {event(rebalance, "[]"), MessageKind::rebalance, "detail has a wrong type"},
        {R"({"detail-type":"EC2 Instance Rebalance Recommendation","source":"aws.ec2"})",
         MessageKind::rebalance, "id is missing"},
        {R"({"detail-type":"EC2 Instance Rebalance Recommendation","source":"aws.ec2","id":"e","time":"noon"})",
         MessageKind::rebalance, "time is not a time"},
        {R"({"spot_manager":2,"report":"booted"})", MessageKind::booted,
         "spot_manager must be 1, the version of these messages"},
        {R"({"spot_manager":1,"report":"booted"})", MessageKind::booted, "name is missing"},
        {R"({"spot_manager":1,"report":"booted","name":"n","machine":[]})", MessageKind::booted,
         "machine has a wrong type"},
        {R"({"spot_manager":1,"command":"register"})", MessageKind::register_, "uid is missing"},
        {R"({"spot_manager":1,"command":"register","uid":"u","issued":"2026-01-15T12:00:00Z","signature":"s"})",
         MessageKind::register_, "payload is missing"},
        {R"({"spot_manager":1,"command":"register","uid":"u","issued":"now","payload":"{}","signature":"s"})",
         MessageKind::register_, "issued is not a time"},
        {R"({"text":"Lumos new spot instance launched"})", MessageKind::legacy_launched, "iid is missing"},
        {R"({"text":"New spot requested from web-server","public_access":"YES"})",
         MessageKind::legacy_register, "public_access must be TRUE or FALSE"},
        {R"({"text":"New spot requested from web-server","public_access":"TRUE"})",
         MessageKind::legacy_register, "name is missing"},
    };
    for (const auto& row : table) {
        const auto error = unusable(row.body);
        CHECK(error.kind == row.kind);
        CHECK(error.reason == row.reason);
    }
}

TEST_CASE("the earlier system's messages are understood") {
    const auto launched = read(
        R"({"text":"Lumos new spot instance launched","iid":"i-1","public_ip":"NONE","private_ip":"10.0.0.1"})");
    CHECK(launched.kind == MessageKind::legacy_launched);
    CHECK(std::get<LegacyLaunched>(launched.body).claimed == Addresses{.private_ = "10.0.0.1"});

    const auto registered = read(
        R"({"text":"New spot requested from web-server","name":"lms-two","private_ns":"lms-two.internal.example.com",
            "public_ns":"lms-two.example.com","public_access":"TRUE","price":"0.01","ami":"ami-1","type":"t3.small",
            "sg":"sg-1","subnet":"subnet-1"})");
    const auto spec = parse_spec(std::get<LegacyRegister>(registered.body).spec);
    REQUIRE(spec);
    CHECK(spec->name == "lms-two");
    CHECK(spec->public_ip);
    CHECK(spec->dns.private_->name == "lms-two.internal.example.com");
    CHECK(spec->dns.public_->name == "lms-two.example.com");
    CHECK(spec->max_price == "0.01");
}

TEST_CASE("our own words for kinds are those of logs and replays") {
    CHECK(word(MessageKind::register_) == "register");
    CHECK(word(MessageKind::state_change) == "state_change");
}
