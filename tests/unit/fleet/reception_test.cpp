#include "fleet/reception.hpp"

#include "unit/fleet/desk.hpp"

using namespace desk;

namespace {

std::string event(const std::string& id, const std::string& type, const std::string& detail,
                  const std::string& account = "123456789012") {
    return R"({"id":")" + id + R"(","detail-type":")" + type + R"(","source":"aws.ec2","account":")" +
           account + R"(","time":"2026-01-15T12:00:00Z","region":"us-east-2","detail":)" + detail + "}";
}

std::string state_event(const std::string& id, const std::string& machine, const std::string& state) {
    return event(id, "EC2 Instance State-change Notification",
                 R"({"instance-id":")" + machine + R"(","state":")" + state + R"("})");
}

std::string fulfilled_event(const std::string& id, const std::string& request, const std::string& machine) {
    return event(id, "EC2 Spot Instance Request Fulfillment",
                 R"({"spot-instance-request-id":")" + request + R"(","instance-id":")" + machine + R"("})");
}

std::string booted(const std::string& name, const std::string& machine, const std::string& token) {
    return R"({"spot_manager":1,"report":"booted","name":")" + name + R"(","machine":")" + machine +
           R"(","token":")" + token + R"("})";
}

std::string launched(const std::string& machine) {
    return R"({"text":"Lumos new spot instance launched","iid":")" + machine +
           R"(","public_ip":"NONE","private_ip":"10.0.0.9"})";
}

const std::string legacy_registration =
    R"({"text":"New spot requested from web-server","name":"lms-two","private_ns":"lms-two.example.com",
        "public_ns":"NONE","public_access":"FALSE","price":"0.01","ami":"ami-1","type":"t3.small","sg":"sg-1",
        "subnet":"subnet-1"})";

/// A name whose spot request sir-1 was answered; with `machine`, fulfilled too.
struct ManagingDesk : Desk {
    explicit ManagingDesk(const std::string& machine = "") {
        REQUIRE(send(command(*this, "uid-1", spec("lms-chen"))).outcome == Outcome::handled);
        tell("lms-chen", AttemptSending{1, 1});
        tell("lms-chen", AttemptAnswered{1, 1, "sir-1"});
        if (!machine.empty()) {
            tell("lms-chen", Fulfilled{"sir-1", machine});
        }
    }
};

}  // namespace

TEST_CASE("a signed registration makes a name") {
    Desk desk;
    const auto receipt = desk.send(command(desk, "uid-1", spec("lms-chen")));
    CHECK(receipt.outcome == Outcome::handled);
    CHECK(receipt.kind == MessageKind::register_);
    CHECK(receipt.name == "lms-chen");
    CHECK(desk.record().uid == "uid-1");
    CHECK(desk.record().revision == 1);
    CHECK(desk.ledger.command("uid-1")->accepted);
}

TEST_CASE("a registration is carried out once") {
    Desk desk;
    const auto body = command(desk, "uid-1", spec("lms-chen"));
    desk.send(body);
    const auto before = desk.record();
    CHECK(desk.send(body).outcome == Outcome::duplicate);
    CHECK(desk.record() == before);
}

TEST_CASE("the same spec again is accepted and changes nothing; another is refused") {
    Desk desk;
    desk.send(command(desk, "uid-1", spec("lms-chen")));
    const auto before = desk.record();
    CHECK(desk.send(command(desk, "uid-2", spec("lms-chen", R"(,"public_ip":false)"))).outcome ==
          Outcome::handled);
    CHECK(desk.ledger.command("uid-2")->accepted);
    const auto other = desk.send(command(desk, "uid-3", spec("lms-chen", R"(,"public_ip":true)")));
    CHECK(other.outcome == Outcome::rejected);
    CHECK(other.reason == "the name lms-chen is registered with another spec");
    CHECK(desk.ledger.command("uid-3")->reason == other.reason);
    CHECK(desk.record() == before);
}

TEST_CASE("a DNS name belongs to one managed instance") {
    Desk desk;
    const std::string dns = R"(,"dns":{"private":{"name":"lms.example.com","zone_id":"Z1"}})";
    desk.send(command(desk, "uid-1", spec("lms-chen", dns)));
    const auto receipt = desk.send(command(desk, "uid-2", spec("lms-two", dns)));
    CHECK(receipt.outcome == Outcome::rejected);
    CHECK(receipt.reason == "the DNS name lms.example.com belongs to lms-chen");

    // Without a zone it shows only when the zone is found.
    const std::string no_zone = R"(,"dns":{"private":{"name":"lms.example.com"}})";
    CHECK(desk.send(command(desk, "uid-3", spec("lms-two", no_zone))).outcome == Outcome::handled);
    desk.tell("lms-two", ZoneFound{Side::private_, "Z1"});
    CHECK_FALSE(desk.record("lms-two").dns_private.zone_id);
    CHECK(desk.record("lms-two").retries.at("zone/private").error == "its DNS name belongs to lms-chen");
}

TEST_CASE("two names of one spec must not turn out to be one record") {
    Desk desk;
    desk.send(command(desk, "uid-1", spec("lms-chen", R"(,"public_ip":true,"dns":{
        "private":{"name":"lms.example.com"},"public":{"name":"lms.example.com"}})")));
    desk.tell("lms-chen", ZoneFound{Side::private_, "Z1"});
    desk.tell("lms-chen", ZoneFound{Side::public_, "Z1"});
    CHECK(desk.record().dns_private.zone_id == "Z1");
    CHECK_FALSE(desk.record().dns_public.zone_id);
    CHECK(desk.record().retries.at("zone/public").error ==
          "its private and its public DNS name are one record in zone Z1");
}

TEST_CASE("forged, expired and future commands are refused, and who follows a signed one sees why") {
    Desk desk;
    auto forged = command(desk, "uid-1", spec("lms-chen"));
    forged.replace(forged.find("t3.small"), 8, "t3.large");
    CHECK(desk.send(forged).reason ==
          "its signature is not of this store's key: it is forged, or another manager shares this queue");
    CHECK_FALSE(desk.ledger.command("uid-1"));

    CHECK(desk.send(command(desk, "uid-2", spec("lms-chen"), desk.now - 15 * 24h)).outcome ==
          Outcome::rejected);
    CHECK(desk.ledger.command("uid-2")->reason == "it was issued more than 14 days ago");
    CHECK(desk.send(command(desk, "uid-3", spec("lms-chen"), desk.now + 10min)).outcome == Outcome::rejected);
    CHECK(desk.ledger.command("uid-3")->reason == "it was issued in the future, at 2026-01-15T12:10:00Z");
    CHECK(desk.send(command(desk, "uid-4", "no JSON")).outcome == Outcome::rejected);
    CHECK(desk.ledger.command("uid-4")->reason.starts_with("its payload "));
    CHECK(desk.send(command(desk, "uid-5", "{}")).reason.find("$.name: is required") != std::string::npos);
    CHECK(desk.ledger.command("uid-5")->reason.find("$.name: is required") != std::string::npos);
    CHECK(desk.ledger.records().empty());

    // The forgery does not use the uid up.
    CHECK(desk.send(command(desk, "uid-1", spec("lms-chen"))).outcome == Outcome::handled);
}

TEST_CASE("an event about one of our machines is handled once") {
    ManagingDesk desk("i-1");
    const auto receipt = desk.send(state_event("e-1", "i-1", "running"));
    CHECK(receipt.outcome == Outcome::handled);
    CHECK(receipt.name == "lms-chen");
    CHECK(receipt.machine == "i-1");
    CHECK(receipt.event_id == "e-1");
    CHECK(desk.record().launches.front().ec2_state == Ec2State::running);
    const auto again = desk.send(state_event("e-1", "i-1", "running"));
    CHECK(again.outcome == Outcome::duplicate);
    CHECK(again.name == "lms-chen");
}

TEST_CASE("events about others' machines are foreign after two minutes") {
    Desk desk;
    CHECK(desk.send(state_event("e-1", "i-9", "running")).outcome == Outcome::unclaimed);
    desk.now += 2min;
    CHECK(desk.expire().receipts.empty());
    desk.now += 1ms;
    const auto effects = desk.expire();
    REQUIRE(effects.receipts.size() == 1);
    CHECK(effects.receipts.front().outcome == Outcome::foreign);
    CHECK(effects.receipts.front().message == "m-1");
    CHECK(effects.receipts.front().machine == "i-9");
    CHECK(desk.expire().receipts.empty());
}

TEST_CASE("events that come before their ids are ours are taken in when they are") {
    Desk desk;
    desk.send(command(desk, "uid-1", spec("lms-chen")));
    desk.tell("lms-chen", AttemptSending{1, 1});
    CHECK(desk.send(state_event("e-1", "i-1", "running")).outcome == Outcome::unclaimed);
    CHECK(desk.send(fulfilled_event("e-2", "sir-1", "i-1")).outcome == Outcome::unclaimed);
    const auto effects = desk.tell("lms-chen", AttemptAnswered{1, 1, "sir-1"});
    REQUIRE(effects.receipts.size() == 2);
    for (const auto& receipt : effects.receipts) {
        CHECK(receipt.outcome == Outcome::handled);
        CHECK(receipt.name == "lms-chen");
    }
    REQUIRE(effects.changed.size() == 1);
    CHECK(effects.changed.front() == desk.record());
    CHECK(desk.record().launches.front().machine == "i-1");
    CHECK(desk.record().launches.front().ec2_state == Ec2State::running);
    desk.now += 3min;
    CHECK(desk.expire().receipts.empty());
}

TEST_CASE("a fulfilment cannot give one machine to two names") {
    ManagingDesk desk("i-1");
    desk.send(command(desk, "uid-2", spec("lms-two")));
    desk.tell("lms-two", AttemptSending{1, 1});
    desk.tell("lms-two", AttemptAnswered{1, 1, "sir-2"});
    const auto receipt = desk.send(fulfilled_event("e-1", "sir-2", "i-1"));
    CHECK(receipt.outcome == Outcome::rejected);
    CHECK(receipt.reason == "machine i-1 is of lms-chen");
    CHECK_FALSE(desk.record("lms-two").launches.front().machine);
}

TEST_CASE("a machine cannot speak as EventBridge, nor for another, nor another account for ours") {
    ManagingDesk desk("i-1");
    const auto before = desk.record();
    CHECK(desk.send(state_event("e-1", "i-1", "terminated"), "AROAROLE:i-7").reason ==
          "it has the form of an event and was sent by machine i-7");
    CHECK(desk.send(event("e-2", "EC2 Instance Rebalance Recommendation", R"({"instance-id":"i-1"})", "999"))
              .outcome == Outcome::rejected);
    CHECK(desk.send(event("e-3", "EC2 AMI State Change", R"({"ImageId":"ami-1","State":"failed"})", "999"))
              .reason == "it is an event of account 999 in us-east-2");
    CHECK(desk.send(booted("lms-chen", "i-1", desk.token()), "AROAROLE:i-7").outcome == Outcome::rejected);
    CHECK(desk.record() == before);
    // What was refused does not use the event's id up.
    CHECK(desk.send(state_event("e-1", "i-1", "running")).outcome == Outcome::handled);
}

TEST_CASE("a report is believed by its token or by its machine's own session") {
    ManagingDesk desk("i-1");
    CHECK(desk.send(booted("lms-chen", "i-1", "wrong")).reason == "its token is not that of lms-chen");
    CHECK(desk.send(booted("lms-chen", "i-1", "")).outcome == Outcome::rejected);
    CHECK_FALSE(desk.record().launches.front().report);
    CHECK(desk.send(booted("lms-none", "i-1", desk.token())).outcome == Outcome::foreign);
    SUBCASE("token") {
        CHECK(desk.send(booted("lms-chen", "i-1", desk.token())).outcome == Outcome::handled);
    }
    SUBCASE("session") {
        CHECK(desk.send(booted("lms-chen", "i-1", ""), "AROAROLE:i-1").outcome == Outcome::handled);
    }
    CHECK(desk.record().launches.front().report);
}

TEST_CASE("a report cannot be about another name's machine") {
    ManagingDesk desk("i-1");
    desk.send(command(desk, "uid-2", spec("lms-two")));
    const auto token = report_token(desk.rules.key, "uid-2");
    CHECK(desk.send(booted("lms-two", "i-1", token)).reason == "machine i-1 is not of lms-two");
}

TEST_CASE("a believed report waits for its machine for longer than two minutes, and not for ever") {
    ManagingDesk desk;
    CHECK(desk.send(booted("lms-chen", "i-1", desk.token())).outcome == Outcome::unclaimed);
    CHECK(desk.send(booted("lms-chen", "i-2", desk.token())).outcome == Outcome::unclaimed);
    for (int minutes = 0; minutes < 30; ++minutes) {
        desk.now += 1min;
        CHECK(desk.expire().receipts.empty());
    }
    const auto effects = desk.tell("lms-chen", Fulfilled{"sir-1", "i-1"});
    REQUIRE(effects.receipts.size() == 1);
    CHECK(effects.receipts.front().outcome == Outcome::handled);
    CHECK(desk.record().launches.front().report);
    // The name has its machine: another's report is not waited for any longer.
    desk.now += 3min;
    const auto expired = desk.expire();
    REQUIRE(expired.receipts.size() == 1);
    CHECK(expired.receipts.front().outcome == Outcome::foreign);
}

TEST_CASE("a legacy report is believed from its machine alone, unless the user says otherwise") {
    ManagingDesk desk("i-1");
    CHECK(desk.send(launched("i-1")).outcome == Outcome::rejected);
    CHECK(desk.send(launched("i-1"), "AROAROLE:i-2").outcome == Outcome::rejected);
    SUBCASE("its machine") {
        CHECK(desk.send(launched("i-1"), "AROAROLE:i-1").outcome == Outcome::handled);
    }
    SUBCASE("any") {
        desk.rules.legacy_reports_any = true;
        CHECK(desk.send(launched("i-1")).outcome == Outcome::handled);
    }
    CHECK(desk.record().launches.front().report->kind == ReportKind::legacy);
    // What it claims is shown, and never used.
    CHECK(desk.record().launches.front().report->claimed.private_ == "10.0.0.9");
    CHECK_FALSE(desk.record().launches.front().addresses.private_);
}

TEST_CASE("an unsigned registration is taken only when the user allows it") {
    Desk desk;
    CHECK(desk.send(legacy_registration).outcome == Outcome::rejected);
    desk.rules.legacy_registrations = true;
    CHECK(desk.send(legacy_registration).outcome == Outcome::handled);
    CHECK(desk.record("lms-two").spec.max_price == "0.01");
}

TEST_CASE("kinds that are not used are ignored, and unreadable messages rejected") {
    Desk desk;
    CHECK(desk.send("{}").outcome == Outcome::ignored);
    CHECK(desk.send(event("e-1", "EC2 Fast Launch State-change Notification", "{}")).outcome ==
          Outcome::ignored);
    CHECK(desk.send(R"({"spot_manager":1,"report":"drained","name":"x"})").outcome == Outcome::ignored);
    for (const auto* body : {"null", "true", "7", "\"x\"", "[]", "no JSON", ""}) {
        const auto receipt = desk.send(body);
        CHECK(receipt.outcome == Outcome::rejected);
        CHECK(receipt.kind == MessageKind::unreadable);
    }
    CHECK(desk.ledger.rejected().size() == 7);
}

TEST_CASE("a message about a record that cannot be read stays in the queue and is handled later") {
    ManagingDesk desk("i-1");
    desk.ledger.damaged = "lms-chen";
    for (int time = 0; time < 2; ++time) {
        CHECK(desk.send(state_event("e-1", "i-1", "running")).outcome == Outcome::left);
        CHECK(desk.send(fulfilled_event("e-2", "sir-1", "i-1")).outcome == Outcome::left);
        CHECK(desk.send(booted("lms-chen", "i-1", "token")).outcome == Outcome::left);
    }
    desk.ledger.damaged.clear();
    CHECK(desk.send(state_event("e-1", "i-1", "running")).outcome == Outcome::handled);
}

TEST_CASE("what is kept of a rejected message holds no secret") {
    ManagingDesk desk("i-1");
    desk.send(booted("lms-chen", "i-1", "not-the-token"));
    desk.send(R"({"spot_manager":1,"command":"register","uid":"u","payload":"{\"user_data\":\"hunter2\"}"})");
    for (const auto& kept : desk.ledger.rejected()) {
        CHECK(kept.find("not-the-token") == std::string::npos);
        CHECK(kept.find("hunter2") == std::string::npos);
    }
    CHECK(redacted("{\"a\":1}") == "{\"a\":1}");
    CHECK(redacted("{\"name\":\"n\",\"token\":\"secret\"}") == "{\"name\":\"n\",\"... (redacted)");
}

TEST_CASE("a machine's session is known by its sender id") {
    CHECK(session_machine("AROAEXAMPLE:i-0abc") == "i-0abc");
    CHECK_FALSE(session_machine("AROAEXAMPLE:someone"));
    CHECK_FALSE(session_machine("AIDAEXAMPLE"));
    CHECK_FALSE(session_machine(""));
}

TEST_CASE("a fact that changes nothing writes nothing") {
    ManagingDesk desk("i-1");
    const auto before = desk.record();
    CHECK(desk.tell("lms-chen", TimePassed{}).changed.empty());
    CHECK(desk.tell("lms-none", TimePassed{}).changed.empty());
    CHECK(desk.record() == before);
}

namespace {

/// AWS Health's word about some machines.
std::string planned_event(const std::string& id, const std::string& machines) {
    return R"({"id":")" + id +
           R"(","detail-type":"AWS Health Event","source":"aws.health","account":"123456789012",)" +
           R"("time":"2026-01-15T12:00:00Z","region":"us-east-2","detail":{"service":"EC2",)" +
           R"("eventTypeCategory":"scheduledChange","eventTypeCode":"AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",)" +
           R"("startTime":"Thu, 29 Jan 2026 12:00:00 GMT","affectedEntities":[)" + machines + "]}}";
}

}  // namespace

TEST_CASE("what AWS has planned for several machines is told to those that are ours") {
    ManagingDesk desk("i-1");
    const auto receipt = desk.send(planned_event("e-1", R"({"entityValue":"i-9"},{"entityValue":"i-1"})"));
    CHECK(receipt.outcome == Outcome::handled);
    CHECK(receipt.kind == MessageKind::health);
    CHECK(receipt.name == "lms-chen");
    CHECK(receipt.machine == "i-1");
    const auto& maintenance = desk.record().launches[0].maintenance;
    REQUIRE(maintenance);
    CHECK(maintenance->code == "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED");
    CHECK(maintenance->begins == base::parse_time("2026-01-29T12:00:00Z"));
    CHECK(desk.send(planned_event("e-1", R"({"entityValue":"i-1"})")).outcome == Outcome::duplicate);
}

TEST_CASE("what AWS has planned for machines of others waits for them to become ours, and is foreign then") {
    ManagingDesk desk;
    CHECK(desk.send(planned_event("e-1", R"({"entityValue":"i-9"},{"entityValue":"i-1"})")).outcome ==
          Outcome::unclaimed);
    desk.tell("lms-chen", Fulfilled{"sir-1", "i-1"});
    CHECK(desk.record().launches[0].maintenance);
    CHECK(desk.send(planned_event("e-2", R"({"entityValue":"i-8"})")).outcome == Outcome::unclaimed);
    desk.now += 3min;
    CHECK(desk.expire().receipts.at(0).outcome == Outcome::foreign);
}

TEST_CASE("a Health event that a machine sends is rejected") {
    ManagingDesk desk("i-1");
    CHECK(desk.send(planned_event("e-1", R"({"entityValue":"i-1"})"), "AROA:i-5").outcome ==
          Outcome::rejected);
    CHECK_FALSE(desk.record().launches[0].maintenance);
}
