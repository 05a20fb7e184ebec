#include "sim/zones.hpp"

#include <doctest/doctest.h>

#include "sim/dns_message.hpp"
#include "sim/dns_wire.hpp"

using namespace std::chrono_literals;

namespace {

struct Fixture {
    sim::Settings settings;
    sim::Timeline timeline{base::Time{base::Duration{1'000'000}}};
    sim::Faults faults{timeline};
    sim::Zones zones{timeline, settings, faults};
    sim::Zone* zone = add("example.com", false);

    sim::Zone* add(const std::string& name, bool is_private) {
        sim::Zones::NewZone wanted;
        wanted.name = name;
        wanted.caller_reference = name + (is_private ? " private" : "");
        wanted.is_private = is_private;
        return zones.create(wanted).value();
    }

    void pass(base::Duration time) { timeline.advance_to(timeline.now() + time); }

    static sim::RecordSet record(const std::string& name, const std::string& value,
                                 const std::string& type = "A") {
        sim::RecordSet set;
        set.name = sim::canonical_name(name);
        set.type = type;
        set.ttl = 30;
        set.values = {value};
        return set;
    }

    sim::Answer<sim::ChangeInfo> change(sim::Change::Action action, const sim::RecordSet& set) {
        return zones.change(*zone, {{.action = action, .set = set}}, "");
    }
    auto upsert(const sim::RecordSet& set) { return change(sim::Change::Action::upsert, set); }

    /// The answer's code, counts and bytes.
    struct Reply {
        int code = -1;
        int answers = 0;
        int authorities = 0;
        bool truncated = false;
        std::string bytes;
    };

    Reply ask(const std::string& name, sim::DnsType type = sim::DnsType::a, std::size_t size_max = 512) {
        std::string query("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
        sim::put_name(query, name);
        sim::put16(query, static_cast<unsigned>(type));
        sim::put16(query, 1);
        const auto bytes = sim::answer_dns(query, zones, size_max);
        REQUIRE(bytes.size() >= 12);
        return {.code = bytes[3] & 0x0F,
                .answers = bytes[7],
                .authorities = bytes[9],
                .truncated = (bytes[2] & 2) != 0,
                .bytes = bytes};
    }
};

constexpr auto create = sim::Change::Action::create;
constexpr auto remove = sim::Change::Action::remove;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "sim zones: lists show a change at once, name servers only in sync") {
    const auto info = upsert(record("a.example.com", "127.16.0.1"));
    REQUIRE(info);
    CHECK(zone->sets.size() == 3);
    CHECK_FALSE(zones.find_change(info->id)->in_sync);
    CHECK(ask("a.example.com").code == 3);
    pass(1s);
    CHECK(zones.find_change(info->id)->in_sync);
    const auto reply = ask("A.Example.COM");
    CHECK(reply.code == 0);
    CHECK(reply.answers == 1);
    CHECK(reply.bytes.ends_with(std::string("\x7f\x10\x00\x01", 4)));
}

TEST_CASE_FIXTURE(Fixture, "sim zones: a batch is taken whole or not at all") {
    REQUIRE(upsert(record("a.example.com", "127.16.0.1")));
    const auto refused = zones.change(*zone,
                                      {{.action = create, .set = record("b.example.com", "127.16.0.2")},
                                       {.action = create, .set = record("a.example.com", "127.16.0.3")}},
                                      "");
    CHECK(refused.error().code == "InvalidChangeBatch");
    CHECK(refused.error().message ==
          "[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists]");
    CHECK(zone->sets.size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "sim zones: a record is deleted only by its exact value") {
    REQUIRE(upsert(record("a.example.com", "127.16.0.1")));
    CHECK(change(remove, record("a.example.com", "127.16.0.2")).error().message.contains("do not match"));
    CHECK(change(remove, record("b.example.com", "127.16.0.1")).error().message.contains("not found"));
    CHECK(change(remove, record("a.example.com", "127.16.0.1")));
    CHECK(zone->sets.size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "sim zones: what cannot stand in a zone is refused") {
    CHECK_FALSE(upsert(record("a.example.org", "127.16.0.1")));
    CHECK_FALSE(upsert(record("a.example.com", "127.16.0.256")));
    CHECK_FALSE(upsert(record("a.example.com", "NONE")));
    REQUIRE(upsert(record("a.example.com", "127.16.0.1")));
    CHECK_FALSE(upsert(record("a.example.com", "b.example.com", "CNAME")));
}

TEST_CASE_FIXTURE(Fixture, "sim dns: a missing name is told from a missing type, with the zone's SOA") {
    REQUIRE(upsert(record("a.b.example.com", "127.16.0.1")));
    pass(1s);
    const auto no_name = ask("c.example.com");
    CHECK(no_name.code == 3);
    CHECK(no_name.authorities == 1);
    const auto no_type = ask("a.b.example.com", sim::DnsType::aaaa);
    CHECK(no_type.code == 0);
    CHECK(no_type.answers == 0);
    CHECK(no_type.authorities == 1);
    CHECK(ask("b.example.com").code == 0);  // something is below it
    CHECK(ask("example.org").code == 5);
    CHECK(ask("example.com", sim::DnsType::soa).answers == 1);
    CHECK(ask("example.com", sim::DnsType::ns).answers == 2);
}

TEST_CASE_FIXTURE(Fixture, "sim dns: CNAMEs are followed and wildcards stand in") {
    REQUIRE(upsert(record("a.example.com", "127.16.0.1")));
    REQUIRE(upsert(record("c.example.com", "a.example.com", "CNAME")));
    REQUIRE(upsert(record("*.w.example.com", "127.16.0.2")));
    pass(1s);
    CHECK(ask("c.example.com").answers == 2);
    CHECK(ask("x.y.w.example.com").answers == 1);
}

TEST_CASE_FIXTURE(Fixture, "sim dns: a private zone hides the public one of its name") {
    REQUIRE(upsert(record("a.example.com", "127.32.0.1")));
    pass(1s);
    CHECK(ask("a.example.com").code == 0);
    add("example.com", true);
    CHECK(ask("a.example.com").code == 3);
}

TEST_CASE_FIXTURE(Fixture, "sim dns: an answer too large for UDP says so") {
    auto set = record("a.example.com", "127.16.0.1");
    for (int last = 2; last < 60; ++last) {
        set.values.push_back("127.16.0." + std::to_string(last));
    }
    REQUIRE(upsert(set));
    pass(1s);
    CHECK(ask("a.example.com").truncated);
    CHECK(ask("a.example.com", sim::DnsType::a, 65535).answers == 59);
}

TEST_CASE_FIXTURE(Fixture, "sim dns: broken queries do no harm") {
    CHECK(sim::answer_dns("", zones, 512).empty());
    CHECK(sim::answer_dns(std::string(12, '\xff'), zones, 512).empty());
    std::string query("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
    CHECK((sim::answer_dns(query, zones, 512)[3] & 0x0F) == 1);
    for (const auto* rest : {"\x3f"
                             "a",
                             "\x01",
                             "\x01"
                             "a\x01",
                             "\xc0\x0c"}) {
        CHECK((sim::answer_dns(query + rest, zones, 512)[3] & 0x0F) == 1);
    }
}

TEST_CASE_FIXTURE(Fixture, "sim zones: when told so, a change stays PENDING longer") {
    sim::FaultRule rule;
    rule.fault = "pending";
    rule.by = 10s;
    REQUIRE(faults.add(rule));
    const auto set = record("a.example.com", "127.0.0.1");
    const auto made = change(sim::Change::Action::upsert, set).value();
    pass(settings.insync_after + 9s);
    CHECK_FALSE(zones.find_change(made.id)->in_sync);
    CHECK_FALSE(zone->served.contains(sim::key_of(set)));
    pass(1s);
    CHECK(zones.find_change(made.id)->in_sync);
    CHECK(zone->served.contains(sim::key_of(set)));
}
