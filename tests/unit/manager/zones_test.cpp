#include "manager/zones.hpp"

#include "world.hpp"

namespace {

/// The zone found, or the sentence why there is none.
std::string find(World& world, manager::Zones& zones, const std::string& name, bool private_zone) {
    const auto zone = world.run(zones.find(name, private_zone, {}));
    return zone ? *zone : zone.error().message;
}

/// With zones that were not listed before.
std::string find(World& world, const std::string& name, bool private_zone) {
    manager::Zones zones(*world.route53, world.clock);
    return find(world, zones, name, private_zone);
}

void have(World& world, const std::vector<answers::Zone>& zones) {
    world.fake.always("ListHostedZonesByName", FakeAws::ok(answers::zones(zones)));
}

}  // namespace

TEST_CASE("zones: the longest suffix wins") {
    World world;
    have(world, {{"Z1", "example.com."}, {"Z2", "lms.example.com."}});
    CHECK(find(world, "chen.lms.example.com", false) == "Z2");
    CHECK(find(world, "chen.example.com", false) == "Z1");
    CHECK(find(world, "lms.example.com", false) == "Z2");
}

TEST_CASE("zones: private and public ones of one name are not mixed up") {
    World world;
    have(world, {{"Z1", "example.com.", false}, {"Z2", "example.com.", true}});
    CHECK(find(world, "chen.example.com", false) == "Z1");
    CHECK(find(world, "chen.example.com", true) == "Z2");
}

TEST_CASE("zones: none and several are told in a sentence") {
    World world;
    have(world, {{"Z1", "example.com.", true}, {"Z2", "example.com.", true}});
    CHECK(find(world, "chen.example.com", true) ==
          "there are several private hosted zones example.com: say which one by zone_id");
    CHECK(find(world, "chen.example.com", false) ==
          "there is no public hosted zone for chen.example.com: make one, or name another by zone_id");
    world.fake.always("ListHostedZonesByName", FakeAws::refuse("AccessDenied", 403));
    CHECK(find(world, "chen.example.com", false).starts_with("AccessDenied: "));
}

TEST_CASE("zones: the one that is meant may be on a later page") {
    World world;
    const std::string more =
        "<IsTruncated>true</IsTruncated><NextDNSName>chen.example.com.</NextDNSName>"
        "<NextHostedZoneId>Z2</NextHostedZoneId>";
    world.fake.once("ListHostedZonesByName",
                    FakeAws::ok(answers::zones({{"Z1", "chen.example.com.", true}}, more)));
    world.fake.once("ListHostedZonesByName",
                    FakeAws::ok(answers::zones({{"Z2", "chen.example.com.", false}})));
    CHECK(find(world, "chen.example.com", false) == "Z2");
    CHECK(world.fake.asked("ListHostedZonesByName")[1].target.contains("hostedzoneid=Z2"));
}

TEST_CASE("zones: names that ask within a minute share one listing") {
    World world;
    have(world, {{"Z1", "example.com."}});
    manager::Zones zones(*world.route53, world.clock);
    for (int i = 0; i < 20; ++i) {
        CHECK(find(world, zones, "n" + std::to_string(i) + ".example.com", false) == "Z1");
    }
    CHECK(world.fake.asked("ListHostedZonesByName").size() == 1);
}
