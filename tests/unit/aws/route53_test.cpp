#include "aws/route53.hpp"

#include <pugixml.hpp>
#include <sstream>

#include "samples.hpp"

namespace {

std::string canonical_xml(const std::string& text) {
    pugi::xml_document document;
    REQUIRE(document.load_buffer(text.data(), text.size()));
    std::ostringstream out;
    document.save(out, "", pugi::format_raw | pugi::format_no_declaration);
    return out.str();
}

/// Paths must be the same; queries hold the same parameters.
void check_call(const aws::Call& call, const std::string& name) {
    INFO(name);
    const auto example = samples::request_example("route53/" + name + ".request.txt");
    const auto [path, query] = base::split_once(call.request.target, '?');
    const auto [example_path, example_query] = base::split_once(example.target, '?');
    CHECK(call.request.method == example.method);
    CHECK(path == example_path);
    CHECK(samples::parameters(query) == samples::parameters(example_query));
}

aws::ResourceRecordSet record(std::string name, std::string type, std::int64_t ttl,
                              std::vector<std::string> values) {
    aws::ResourceRecordSet set;
    set.name = std::move(name);
    set.type = std::move(type);
    set.ttl = ttl;
    set.values = std::move(values);
    return set;
}

}  // namespace

TEST_CASE("route53: a change batch is written as the example is, in the order of the schema") {
    auto weighted = record("w1.workers.example.com.", "A", 30, {"203.0.113.25"});
    weighted.set_identifier = "i-0a1b2c3d4e5f60718";
    weighted.weight = 10;
    weighted.health_check_id = "abcdef11-2222-3333-4444-555555fedcba";
    aws::ChangeResourceRecordSetsInput input;
    input.hosted_zone_id = "Z0123456789ABCDEFGHIJ";
    input.comment = "pool A";
    input.changes = {
        {aws::ChangeAction::upsert,
         record("workers.example.com.", "A", 30, {"203.0.113.25", "203.0.113.26"})},
        {aws::ChangeAction::create, weighted},
        {aws::ChangeAction::remove, record("_note.example.com.", "TXT", 60, {"\"a <b> & c\""})},
    };
    const auto call = aws::build_change_resource_record_sets(input);
    check_call(call, "ChangeResourceRecordSets");
    const auto example = samples::request_example("route53/ChangeResourceRecordSets.request.txt");
    CHECK(canonical_xml(call.request.body) == canonical_xml(example.body));
    CHECK(http::find_header(call.request.headers, "Content-Type") == "application/xml");

    CHECK_FALSE(call.repeatable);
    input.changes.resize(1);
    CHECK(aws::build_change_resource_record_sets(input).repeatable);
}

TEST_CASE("route53: reads are built as the examples are") {
    check_call(aws::build_get_change("C2682N5HXP0BZ4"), "GetChange");
    check_call(aws::build_list_hosted_zones_by_name({"example.com.", "", 1}), "ListHostedZonesByName");
    check_call(
        aws::build_list_resource_record_sets({"Z0123456789ABCDEFGHIJ", "workers.example.com.", "A", "", 2}),
        "ListResourceRecordSets");
}

TEST_CASE("route53: answers are read as in the examples") {
    const auto change =
        aws::parse_change_info(samples::example("route53/ChangeResourceRecordSets.response.xml"));
    REQUIRE(change.has_value());
    CHECK(change->id == "C2682N5HXP0BZ4");
    CHECK(change->status == aws::ChangeStatus::pending);
    CHECK(change->submitted == base::parse_time("2026-01-15T12:00:00.123Z"));
    CHECK(aws::parse_change_info(samples::example("route53/GetChange.response.xml"))->status ==
          aws::ChangeStatus::insync);

    const auto zones =
        aws::parse_list_hosted_zones_by_name(samples::example("route53/ListHostedZonesByName.response.xml"));
    REQUIRE(zones.has_value());
    REQUIRE(zones->zones.size() == 1);
    CHECK(zones->zones.front().id == "Z0123456789ABCDEFGHIJ");
    CHECK(zones->zones.front().name == "example.com.");
    CHECK_FALSE(zones->zones.front().private_zone);
    CHECK(zones->zones.front().record_count == 12);
    CHECK(zones->truncated);
    CHECK(zones->next_dns_name == "example.net.");
    CHECK(zones->next_hosted_zone_id == "Z09876543210ZYXWVUTSR");

    const auto records =
        aws::parse_list_resource_record_sets(samples::example("route53/ListResourceRecordSets.response.xml"));
    REQUIRE(records.has_value());
    REQUIRE(records->records.size() == 2);
    CHECK(records->records[0].name == "workers.example.com.");
    CHECK(records->records[0].ttl == 30);
    CHECK(records->records[0].values == std::vector<std::string>{"203.0.113.25", "203.0.113.26"});
    CHECK_FALSE(records->records[0].alias);
    REQUIRE(records->records[1].alias.has_value());
    CHECK(records->records[1].alias->hosted_zone_id == "Z35SXDOTRQ7X7K");
    CHECK_FALSE(records->records[1].ttl);
    CHECK(records->truncated);
    CHECK(records->next_name == "w1.workers.example.com.");
    CHECK(records->next_identifier == "i-0a1b2c3d4e5f60718");
}

TEST_CASE("route53: names are read as people write them") {
    CHECK(aws::unescape_dns_name("\\052.example.com.") == "*.example.com.");
    CHECK(aws::unescape_dns_name("a\\05") == "a\\05");
    CHECK(aws::unescape_dns_name("a\\999") == "a\\999");
}

TEST_CASE("route53: what is not the answer is not taken for an empty one") {
    CHECK_FALSE(aws::parse_change_info("<x/>").has_value());
    CHECK_FALSE(aws::parse_list_resource_record_sets("").has_value());
    CHECK_FALSE(aws::parse_list_hosted_zones_by_name("<html/>").has_value());
}
