#include "manager/sweeper.hpp"

#include "world.hpp"

namespace {

constexpr auto requests = "DescribeSpotInstanceRequests";
constexpr auto machines = "DescribeInstances";
constexpr auto templates = "DescribeLaunchTemplates";

/// One look at everything, with the executor's view of the records as it is now; nothing is acted on.
bool sweep(World& world) {
    world.settings.actions_at_once = 0;
    REQUIRE(world.run(world.executor->load()));
    return world.run(world.sweeper->sweep());
}

/// Answers the look for what carries our tag with one thing, and a look by ids with another.
FakeAws::Responder by_tag(const std::string& tagged, const std::string& by_ids) {
    return [=](const http::Request& request) -> FakeAws::Answer {
        return http::Response{200, {}, request.body.contains("spot-manager%3Astore") ? tagged : by_ids};
    };
}

/// The looks for what carries our tag.
const std::vector<std::string> looked_for{requests, machines, templates, "DescribeImages",
                                          "DescribeSnapshots"};

const std::string no_requests = answers::spot_request(requests, "");
const std::string no_machines = answers::machines({});

void nothing_there(World& world) {
    world.fake.always(requests, FakeAws::ok(no_requests));
    world.fake.always(machines, FakeAws::ok(no_machines));
}

using answers::item;

/// Our tags, as a launch of the n-th name carries them.
std::string tags(int number, int generation, const std::string& token, const std::string& uid = "uid-lms-") {
    const auto tag = [](const std::string& key, const std::string& value) {
        return item("item", item("key", "spot-manager:" + key) + item("value", value));
    };
    const auto name = World::spec(number).name;
    return item("tagSet", tag("name", name) + tag("uid", uid + std::to_string(number)) +
                              tag("generation", std::to_string(generation)) + tag("token", token));
}

std::string tagged_request(const std::string& id, const std::string& tags, base::Time created = {}) {
    return item("DescribeSpotInstanceRequestsResponse",
                item("spotInstanceRequestSet",
                     item("item", item("spotInstanceRequestId", id) + item("state", "active") +
                                      item("instanceId", "i-" + id) +
                                      item("createTime", base::format_time(created)) + tags)));
}

std::string tagged_machine(const std::string& id, const std::string& request, const std::string& tags) {
    const auto machine = item("instanceId", id) + item("instanceState", item("name", "running")) +
                         item("spotInstanceRequestId", request) + tags;
    return item("DescribeInstancesResponse",
                item("reservationSet", item("item", item("instancesSet", item("item", machine)))));
}

}  // namespace

TEST_CASE("sweeper: finds a fulfilment whose event was lost") {
    World world;
    world.add_name(World::spec(1));
    world.request(1);
    nothing_there(world);
    world.fake.always(requests, FakeAws::ok(answers::spot_request(requests, "sir-1", "active", "i-1")));
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches[0].machine == "i-1");
}

TEST_CASE("sweeper: a machine that a complete look does not show is absent") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    world.fake.always(requests, FakeAws::ok(answers::spot_request(requests, "sir-1", "active", "i-1")));
    world.fake.always(machines, FakeAws::ok(answers::machines({})));
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches[0].absences == 1);
    CHECK_FALSE(world.record("lms-1").launches[0].lost);
    const auto seen = answers::machines({{.id = "i-1", .private_address = World::address(1)}});
    world.fake.always(machines, FakeAws::ok(seen));
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches[0].absences == 0);
}

TEST_CASE("sweeper: a look that was not complete tells nothing") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    const auto before = world.record("lms-1").revision;
    world.fake.always(requests, FakeAws::refuse("InternalError", 500));
    auto first_page = answers::machines({});
    first_page.insert(first_page.find("</DescribeInstancesResponse>"), "<nextToken>more</nextToken>");
    world.fake.once(machines, FakeAws::ok(first_page));
    world.fake.once(machines, FakeAws::refuse("InternalError", 500));
    CHECK_FALSE(sweep(world));
    CHECK(world.record("lms-1").revision == before);
    CHECK(world.fake.count(machines) == 2);
}

TEST_CASE("sweeper: with no names it looks only for what carries our tag") {
    World world;
    nothing_there(world);
    CHECK(sweep(world));
    CHECK(world.fake.operations() == looked_for);
    CHECK(world.fake.asked(requests)[0].body.contains(world.store->id()));
}

TEST_CASE("sweeper: a machine is gone that three complete looks do not show and that is not young") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    nothing_there(world);
    const auto launch = [&] { return world.record("lms-1").launches[0]; };
    SUBCASE("while it is young, its absence means nothing") {
        for (int look = 0; look < 4; ++look) {
            CHECK(sweep(world));
        }
        CHECK_FALSE(launch().lost);
        world.settings.policy.gone_after = 1ms;
        CHECK(sweep(world));
        CHECK(launch().terminated);
    }
    SUBCASE("a look that fails does not count, and one that shows it begins anew") {
        world.settings.policy.gone_after = 1ms;
        CHECK(sweep(world));
        CHECK(sweep(world));
        const auto seen = answers::machines({{.id = "i-1", .private_address = World::address(1)}});
        world.fake.once(machines, FakeAws::ok(no_machines));
        world.fake.once(machines, FakeAws::ok(seen));
        CHECK(sweep(world));
        CHECK(sweep(world));
        CHECK(sweep(world));
        world.fake.once(machines, FakeAws::ok(no_machines));
        world.fake.once(machines, FakeAws::refuse("InternalError", 500));
        CHECK_FALSE(sweep(world));
        CHECK_FALSE(launch().lost);
        CHECK(sweep(world));
        CHECK(launch().lost);
    }
}

TEST_CASE("sweeper: a spot request whose answer was lost is adopted, and not asked for again") {
    World world;
    world.add_name(World::spec(1));
    world.learn("lms-1", fleet::AttemptSending{1, 1});
    const auto token = world.attempt("lms-1").token;
    world.fake.always(requests, by_tag(tagged_request("sir-1", tags(1, 1, token)), no_requests));
    world.fake.always(machines, FakeAws::ok(no_machines));
    CHECK(sweep(world));
    CHECK(world.attempt("lms-1").request == "sir-1");
    CHECK(world.record("lms-1").launches.at(0).machine == "i-sir-1");
    // The answer that was on its way comes after all.
    world.learn("lms-1", fleet::AttemptAnswered{1, 1, "sir-1"});
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches.size() == 1);
    CHECK(world.record("lms-1").launches[0].attempts.size() == 1);
}

TEST_CASE("sweeper: a launch that the store does not know, since it is an older copy, is adopted") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    const auto seen = answers::machines({{.id = "i-1", .private_address = World::address(1)}});
    SUBCASE("by its spot request") {
        world.fake.always(requests, by_tag(tagged_request("sir-2", tags(1, 2, "token-2")), no_requests));
        world.fake.always(machines, by_tag(no_machines, seen));
    }
    SUBCASE("by its machine") {
        world.fake.always(requests, FakeAws::ok(no_requests));
        world.fake.always(machines, by_tag(tagged_machine("i-sir-2", "sir-2", tags(1, 2, "")), seen));
    }
    CHECK(sweep(world));
    REQUIRE(world.record("lms-1").launches.size() == 2);
    CHECK(world.record("lms-1").launches[1].machine == "i-sir-2");
    CHECK(world.gauge("spot_manager_orphans", {{"kind", "spot_request"}}) == 0);
    CHECK(world.gauge("spot_manager_orphans", {{"kind", "machine"}}) == 0);
}

TEST_CASE("sweeper: what carries our tag and belongs to no record is told, and left as it is") {
    World world;
    world.add_name(World::spec(1));
    const std::string token = "not one of ours";
    std::string uid = "uid-lms-";
    int number = 1;
    base::Time created;
    std::size_t orphans = 1;
    SUBCASE("of a name that is not there") {
        number = 7;
    }
    SUBCASE("of an earlier registration of the name") {
        uid = "another-";
    }
    SUBCASE("of a launch that is there, and of no attempt of it") {}
    SUBCASE("but not while it is young") {
        created = world.clock.now();
        orphans = 0;
    }
    world.fake.always(requests,
                      by_tag(tagged_request("sir-9", tags(number, 1, token, uid), created), no_requests));
    world.fake.always(machines,
                      by_tag(tagged_machine("i-sir-9", "sir-9", tags(number, 1, token, uid)), no_machines));
    const auto before = world.record("lms-1").revision;
    CHECK(sweep(world));
    CHECK(world.gauge("spot_manager_orphans", {{"kind", "spot_request"}}) == orphans);
    CHECK(world.gauge("spot_manager_orphans", {{"kind", "machine"}}) == 1);
    CHECK(world.record("lms-1").revision == before);
    CHECK(world.fake.operations() == looked_for);
    nothing_there(world);
    CHECK(sweep(world));
    CHECK(world.gauge("spot_manager_orphans", {{"kind", "machine"}}) == 0);
}

TEST_CASE("sweeper: a walk for our tag that breaks off adopts nothing") {
    World world;
    world.add_name(World::spec(1));
    world.learn("lms-1", fleet::AttemptSending{1, 1});
    auto page = tagged_request("sir-1", tags(1, 1, world.attempt("lms-1").token));
    page.insert(page.find("</DescribeSpotInstanceRequestsResponse>"), "<nextToken>more</nextToken>");
    nothing_there(world);
    world.fake.once(requests, FakeAws::ok(page));
    world.fake.once(requests, FakeAws::refuse("InternalError", 500));
    CHECK_FALSE(sweep(world));
    CHECK_FALSE(world.attempt("lms-1").request);
}

namespace {

constexpr auto statuses = "DescribeInstanceStatus";

std::string status_of(const std::string& machine, const std::string& check, const std::string& event = "") {
    const auto events =
        event.empty() ? ""
                      : item("eventsSet",
                             item("item", item("code", "instance-retirement") + item("description", event) +
                                              item("notBefore", "2026-02-01T10:00:00.000Z")));
    return item("DescribeInstanceStatusResponse",
                item("instanceStatusSet", item("item", item("instanceId", machine) + events +
                                                           item("instanceStatus", item("status", check)) +
                                                           item("systemStatus", item("status", "ok")))));
}

void in_ec2(World& world) {
    world.fake.always(requests,
                      by_tag(no_requests, answers::spot_request(requests, "sir-1", "active", "i-1")));
    const auto seen = answers::machines({{.id = "i-1", .private_address = World::address(1)}});
    world.fake.always(machines, by_tag(no_machines, seen));
}

}  // namespace

TEST_CASE("sweeper: status checks that fail are told once, and when they pass again") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    in_ec2(world);
    world.fake.once(statuses, FakeAws::ok(status_of("i-1", "impaired")));
    CHECK(sweep(world));
    const auto since = world.record("lms-1").launches[0].impaired;
    CHECK(since);
    CHECK(world.fake.count(statuses) == 3);
    CHECK(world.fake.asked(statuses)[0].body.contains("instance-status.status"));
    // Another look at the same; and one at machines of others.
    world.fake.once(statuses, FakeAws::ok(status_of("i-1", "impaired")));
    world.fake.once(statuses, FakeAws::ok(status_of("i-9", "impaired")));
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches[0].impaired == since);
    // A look that breaks off says nothing.
    world.fake.once(statuses, FakeAws::refuse("InternalError", 500));
    CHECK_FALSE(sweep(world));
    CHECK(world.record("lms-1").launches[0].impaired == since);
    CHECK(sweep(world));
    CHECK_FALSE(world.record("lms-1").launches[0].impaired);
}

TEST_CASE("sweeper: what AWS has planned for a machine is told, but not what is over") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    in_ec2(world);
    const auto maintenance = [&] { return world.record("lms-1").launches[0].maintenance; };
    world.fake.always(statuses, FakeAws::ok(status_of("i-1", "ok", "[Completed] The instance was retired")));
    CHECK(sweep(world));
    CHECK_FALSE(maintenance());
    world.fake.always(statuses, FakeAws::ok(status_of("i-1", "ok", "The instance will be retired")));
    CHECK(sweep(world));
    REQUIRE(maintenance());
    CHECK(maintenance()->code == "instance-retirement");
    CHECK(maintenance()->begins == base::parse_time("2026-02-01T10:00:00Z"));
    world.fake.always(statuses,
                      FakeAws::ok(status_of("i-1", "ok", "[Canceled] The instance will be retired")));
    CHECK(sweep(world));
    CHECK_FALSE(maintenance());
    // What AWS Health tells may not be shown here yet.
    world.learn("lms-1", fleet::ScheduledChange{"i-1", "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED", {}});
    CHECK(sweep(world));
    CHECK(maintenance());
}

TEST_CASE("sweeper: what is left of a retired name is ended when that is asked for, and nothing else") {
    World world;
    world.add_name(World::spec(1));
    world.add_name(World::spec(2));
    world.learn("lms-1", fleet::RetirementAsked{"uid-9", false});
    REQUIRE(world.run(world.store->read([](const store::ReadTransaction& transaction) {
        return transaction.tombstone("uid-lms-1").has_value();
    })));
    world.settings.policy.end_orphans = true;
    world.settings.policy.orphan_grace = 1ms;
    world.fake.always("CancelSpotInstanceRequests", FakeAws::ok("<CancelSpotInstanceRequestsResponse/>"));
    world.fake.always("TerminateInstances", FakeAws::ok("<TerminateInstancesResponse/>"));
    int number = 1;
    std::string uid = "uid-lms-";
    bool ended = true;
    SUBCASE("of the retired name") {}
    SUBCASE("but not before it was asked for") {
        world.settings.policy.end_orphans = false;
        ended = false;
    }
    SUBCASE("but not of a name that is there") {
        number = 2;
        ended = false;
    }
    SUBCASE("but not of a name that this store never knew") {
        uid = "of-another-time-";
        ended = false;
    }
    world.fake.always("DeleteLaunchTemplate", FakeAws::ok("<DeleteLaunchTemplateResponse/>"));
    const auto launch_template =
        "<DescribeLaunchTemplatesResponse><launchTemplates><item><launchTemplateId>lt-9</launchTemplateId>"
        "<launchTemplateName>template-9</launchTemplateName>" +
        tags(number, 1, "", uid) + "</item></launchTemplates></DescribeLaunchTemplatesResponse>";
    world.fake.always(templates, FakeAws::ok(launch_template));
    world.fake.always(requests, FakeAws::ok(tagged_request("sir-9", tags(number, 1, "token", uid))));
    world.fake.always(machines, FakeAws::ok(tagged_machine("i-sir-9", "sir-9", tags(number, 1, "", uid))));
    CHECK(sweep(world));
    // The first sight is not late.
    CHECK(world.fake.count("TerminateInstances") == 0);
    world.pass(5ms);
    CHECK(sweep(world));
    CHECK(world.fake.count("TerminateInstances") == (ended ? 1 : 0));
    CHECK(world.fake.count("CancelSpotInstanceRequests") == (ended ? 1 : 0));
    CHECK(world.fake.count("DeleteLaunchTemplate") == (ended ? 1 : 0));
    if (ended) {
        CHECK(world.fake.asked("DeleteLaunchTemplate")[0].body.contains("template-9"));
        CHECK(world.fake.asked("TerminateInstances")[0].body.contains("i-sir-9"));
        CHECK(world.counted("spot_manager_sweep_findings_total", {{"kind", "ended_machine"}}) == 1);
    }
    CHECK(world.counted("spot_manager_sweep_findings_total", {{"kind", "orphan_machine"}}) == 1);
}
