#include <boost/json/serialize.hpp>

#include "fleet/status.hpp"
#include "unit/fleet/desk.hpp"

using namespace desk;

namespace {

std::string retire(const Desk& desk, const std::string& command_uid, const std::string& uid = "uid-1",
                   bool keep_machine = false) {
    return command(desk, command_uid,
                   boost::json::serialize(base::to_json(RetireOrder{"lms-chen", uid, keep_machine})), {},
                   "retire");
}

/// Registered, and its spot request sir-1 is open.
struct RequestingDesk : Desk {
    RequestingDesk() {
        send(command(*this, "uid-1", spec("lms-chen")));
        tell("lms-chen", AttemptSending{1, 1});
        tell("lms-chen", AttemptAnswered{1, 1, "sir-1"});
    }

    Effects close() {
        return tell("lms-chen", RequestDescribed{"sir-1", RequestState::cancelled, "cancelled", {}});
    }
};

}  // namespace

TEST_CASE("retire: a signed command is carried out once") {
    RequestingDesk desk;
    const auto body = retire(desk, "uid-2");
    const auto receipt = desk.send(body);
    CHECK(receipt.outcome == Outcome::handled);
    CHECK(receipt.kind == MessageKind::retire);
    CHECK(receipt.name == "lms-chen");
    CHECK(desk.ledger.command("uid-2")->accepted);
    CHECK(desk.ledger.command("uid-2")->command == "retire");
    CHECK(desk.record().retirement->command == "uid-2");
    CHECK(status_of(desk.record()).state == State::retiring);
    CHECK(desk.send(body).outcome == Outcome::duplicate);
}

TEST_CASE("retire: when nothing is left the record goes, and the name is free") {
    RequestingDesk desk;
    desk.send(retire(desk, "uid-2"));
    const auto effects = desk.close();
    CHECK(effects.changed.empty());
    CHECK(effects.erased == std::vector<std::string>{"lms-chen"});
    CHECK(desk.ledger.records().empty());
    CHECK_FALSE(desk.ledger.name_of_request("sir-1"));
    CHECK(desk.ledger.is_gone("uid-1"));
    CHECK(desk.ledger.journal().back().event == "retired");

    // The first registration does not come to life again; a new one does.
    CHECK(desk.send(command(desk, "uid-1", spec("lms-chen"))).outcome == Outcome::duplicate);
    CHECK(desk.ledger.records().empty());
    CHECK(desk.send(command(desk, "uid-3", spec("lms-chen"))).outcome == Outcome::handled);
    CHECK(desk.record().uid == "uid-3");
    CHECK_FALSE(desk.record().retirement);
}

TEST_CASE("retire: a command that comes late does not touch a successor of the name") {
    RequestingDesk desk;
    desk.send(retire(desk, "uid-2"));
    desk.close();
    desk.send(command(desk, "uid-3", spec("lms-chen")));
    const auto before = desk.record();
    CHECK(desk.send(retire(desk, "uid-2")).outcome == Outcome::duplicate);
    const auto late = desk.send(retire(desk, "uid-4"));
    CHECK(late.outcome == Outcome::handled);
    CHECK(late.reason == "it was retired before");
    const auto wrong = desk.send(retire(desk, "uid-5", "uid-of-nobody"));
    CHECK(wrong.outcome == Outcome::rejected);
    CHECK(wrong.reason == "the managed instance lms-chen that it means is not known");
    CHECK(desk.ledger.command("uid-5")->reason == wrong.reason);
    CHECK(desk.record() == before);
}

TEST_CASE("retire: a second command is accepted when it says the same, else refused") {
    RequestingDesk desk;
    desk.send(retire(desk, "uid-2", "uid-1", true));
    CHECK(desk.send(retire(desk, "uid-3", "uid-1", true)).reason == "it is being retired already");
    CHECK(desk.ledger.command("uid-3")->accepted);
    CHECK(desk.send(retire(desk, "uid-4")).reason == "it is being retired already, and its machine is kept");
    CHECK_FALSE(desk.ledger.command("uid-4")->accepted);
    CHECK(desk.record().retirement->command == "uid-2");
}

TEST_CASE("retire: while it goes on, the name cannot be registered") {
    RequestingDesk desk;
    desk.send(retire(desk, "uid-2"));
    const auto receipt = desk.send(command(desk, "uid-3", spec("lms-chen")));
    CHECK(receipt.outcome == Outcome::rejected);
    CHECK(receipt.reason == "the name lms-chen is being retired: register it again when that is done");
}

TEST_CASE("retire: a command that is forged, old, or says nothing is refused") {
    RequestingDesk desk;
    const auto before = desk.record();
    auto forged = retire(desk, "uid-2", "uid-1", false);
    forged.replace(forged.find("false"), 5, "true");
    CHECK(desk.send(forged).reason ==
          "its signature is not of this store's key: it is forged, or another manager shares this queue");
    // A registration's signature is not good for another operation.
    auto turned = command(desk, "uid-3", R"({"name":"lms-chen","uid":"uid-1"})");
    turned.replace(turned.find("register"), 8, "retire");
    CHECK(desk.send(turned).reason ==
          "its signature is not of this store's key: it is forged, or another manager shares this queue");
    const auto old =
        command(desk, "uid-4", R"({"name":"lms-chen","uid":"uid-1"})", desk.now - 15 * 24h, "retire");
    CHECK(desk.send(old).reason == "it was issued more than 14 days ago");
    CHECK(desk.ledger.command("uid-4")->command == "retire");
    CHECK(desk.send(command(desk, "uid-5", "{}", {}, "retire")).reason ==
          "it must say which name and which uid it means");
    CHECK(desk.send(command(desk, "uid-6", R"({"name":7})", {}, "retire")).outcome == Outcome::rejected);
    CHECK(desk.ledger.rejected().size() == 5);
    CHECK(desk.record() == before);
}
