#include "unit/fleet/desk.hpp"

using namespace desk;

namespace {

/// A name whose spot request gave it machine i-1.
void launch(Desk& desk, const std::string& more = "") {
    REQUIRE(desk.send(command(desk, "uid-1", spec("lms-chen", more))).outcome == Outcome::handled);
    desk.tell("lms-chen", AttemptSending{1, 1});
    desk.tell("lms-chen", AttemptAnswered{1, 1, "sir-1"});
    desk.tell("lms-chen", Fulfilled{"sir-1", "i-1"});
}

}  // namespace

TEST_CASE("a machine that is described as it was makes no write, but where DNS is to be written") {
    Desk desk;
    launch(desk);
    const MachineDescribed running{"i-1", Ec2State::running, {.private_ = "10.0.0.1"}};
    const auto written = [&](const MachineDescribed& described) {
        desk.now += 1min;
        return !desk.tell("lms-chen", described).changed.empty();
    };
    CHECK(written(running));
    CHECK_FALSE(written(running));
    CHECK(written({"i-1", Ec2State::running, {.private_ = "10.0.0.2"}}));
    desk.tell("lms-chen", MachineAbsent{"i-1"});
    CHECK(written({"i-1", Ec2State::running, {.private_ = "10.0.0.2"}}));
    CHECK(desk.record().launches[0].absences == 0);
}

TEST_CASE("whoever writes DNS sees when its machine was last described") {
    Desk desk;
    launch(desk, R"(,"dns":{"private":{"name":"lms.example.com","zone_id":"Z1"}})");
    desk.tell("lms-chen", Reported{.machine = "i-1"});
    const MachineDescribed running{"i-1", Ec2State::running, {.private_ = "10.0.0.1"}};
    const auto described = [&] {
        desk.now += 1min;
        desk.tell("lms-chen", running);
        return desk.record().launches[0].described;
    };
    desk.tell("lms-chen", running);
    REQUIRE(desk.record().launches[0].ready);
    CHECK(described() == desk.now);
    desk.tell("lms-chen", UpsertSending{Side::private_, 1, "10.0.0.1", 30});
    CHECK(described() == desk.now);
    desk.tell("lms-chen", UpsertAccepted{Side::private_, 1, "10.0.0.1", "C1"});
    CHECK(described() == desk.now - 1min);
    desk.tell("lms-chen", ChangeInSync{"C1"});
    desk.now += 1min;
    desk.tell("lms-chen", DnsSeen{.side = Side::private_, .values = {"192.0.2.1"}, .ttl = 30});
    CHECK(described() == desk.now);
}
