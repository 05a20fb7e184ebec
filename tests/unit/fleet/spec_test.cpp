#include "fleet/spec.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "fleet/window.hpp"

using namespace fleet;

namespace {

base::json::object a_document() {
    return base::json::parse(R"({"name":"lms-chen","image_id":"ami-0abc","instance_types":["t3.small"],
        "subnet_ids":["subnet-1"],"security_group_ids":["sg-1"]})")
        .as_object();
}

base::FieldErrors errors_of(const base::json::value& document) {
    auto spec = parse_spec(document);
    return spec ? base::FieldErrors{} : spec.error();
}

std::string error_at(const base::FieldErrors& errors, std::string_view path) {
    const auto found = std::ranges::find(errors, path, &base::FieldError::path);
    return found == errors.end() ? "" : found->message;
}

/// JSON's list of `count` times the same, without its brackets.
std::string repeated(const std::string& item, int count) {
    std::string items = item;
    for (int i = 1; i < count; ++i) {
        items += "," + item;
    }
    return items;
}

struct Wrong {
    std::string member;  ///< replaces the member of that name
    std::string value;   ///< JSON
    std::string path;
    std::string message;
};

}  // namespace

TEST_CASE("a minimal spec has defaults for everything else") {
    const auto spec = parse_spec(a_document());
    REQUIRE(spec);
    CHECK(spec->name == "lms-chen");
    CHECK_FALSE(spec->max_price);
    CHECK_FALSE(spec->public_ip);
    CHECK_FALSE(spec->dns.private_);
    CHECK(spec->readiness == Readiness{});
    CHECK(spec->readiness.report);
    CHECK(spec->image == ImageSpec{});
    CHECK(spec->image.schedule == "0 3 * * *");
    CHECK(spec->image.retain == 7);
    CHECK_FALSE(spec->image.reboot);
    CHECK_FALSE(spec->image.test);
}

TEST_CASE("an image's schedule may be off, and the image a spec begins with that of an earlier life") {
    auto document = a_document();
    document["image_id"] = "latest";
    document["image"] = base::json::parse(
        R"({"schedule":"off","spread":"0s","test":{"after_each":true,"security_group_ids":["sg-2"]}})");
    const auto spec = parse_spec(document);
    REQUIRE(spec);
    CHECK(spec->image_id == latest_image);
    CHECK(spec->image.schedule == "off");
    CHECK(spec->image.test->after_each);
}

TEST_CASE("specs that mean the same are equal") {
    auto one = a_document();
    one["dns"] = base::json::parse(R"({"private":{"name":"LMS-Chen.Internal.Example.com."}})");
    auto other = a_document();
    other["dns"] = base::json::parse(
        R"({"private":{"name":"lms-chen.internal.example.com","ttl":30,"take_over":false},"public":null})");
    other["public_ip"] = false;
    other["tags"] = base::json::object{};
    other["readiness"] = base::json::parse(R"({"report":true})");
    REQUIRE(parse_spec(one));
    CHECK(*parse_spec(one) == *parse_spec(other));
    CHECK(parse_spec(one)->dns.private_->name == "lms-chen.internal.example.com");
}

TEST_CASE("a stored spec is read back as it was") {
    auto document = a_document();
    document["readiness"] = base::json::parse(R"({"settle":"1500ms"})");
    document["tags"] = base::json::parse(R"({"Team":"maths"})");
    document["user_data"] = "#!/bin/sh\necho hello\n";
    const auto spec = parse_spec(document);
    REQUIRE(spec);
    CHECK(parse_spec(base::to_json(*spec)) == *spec);
}

TEST_CASE("each mistake has its path and a sentence") {
    const std::vector<Wrong> table{
        {"name", R"("")", "$.name", "is required"},
        {"name", R"("Lms_Chen")", "$.name", "\"Lms_Chen\" must be 1 to 63 of a-z, 0-9 and inner hyphens"},
        {"name", "7", "$.name", "must be a string, not a number"},
        {"image_id", R"("lms")", "$.image_id", "\"lms\" must be an id such as \"ami-0123456789abcdef0\""},
        {"instance_types", "[]", "$.instance_types", "must name at least one machine type"},
        {"instance_types", R"(["t3.small","t3.small"])", "$.instance_types[1]",
         "\"t3.small\" is named twice"},
        {"instance_types", R"(["small"])", "$.instance_types[0]",
         "\"small\" must be a machine type such as \"t3.small\""},
        {"group", R"("Kafka 1")", "$.group", "\"Kafka 1\" must be 1 to 63 of a-z, 0-9 and inner hyphens"},
        {"max_unavailable", "0", "$.max_unavailable", "0 must be from 1 to 1000"},
        {"fallback", R"({"max_hours_per_month":0})", "$.fallback.max_hours_per_month",
         "0 must be from 1 to 744; leave fallback out to have no on-demand machine"},
        {"fallback", R"({"return_window":"2-5"})", "$.fallback.return_window",
         "\"2-5\" must be two different times of day in UTC such as \"02:00-05:00\""},
        {"image", R"({"schedule":"0 3 31 2 *"})", "$.image.schedule",
         "\"0 3 31 2 *\" never comes: no such month has that day; or \"off\""},
        {"image", R"({"spread":"25h"})", "$.image.spread", "must be from 0s to 24h"},
        {"image", R"({"retain":0})", "$.image.retain", "0 must be from 1 to 100"},
        {"image", R"({"test":{}})", "$.image.test.security_group_ids",
         "must name at least one security group"},
        {"image", R"({"test":{"security_group_ids":["web"]}})", "$.image.test.security_group_ids[0]",
         "\"web\" must be an id such as \"sg-0123456789abcdef0\""},
        {"readiness", R"({"patience":"0s"})", "$.readiness.patience", "must be more than 0s and at most 24h"},
        {"subnet_ids", R"(["net-1"])", "$.subnet_ids[0]",
         "\"net-1\" must be an id such as \"subnet-0123456789abcdef0\""},
        {"security_group_ids", "[]", "$.security_group_ids", "must name at least one security group"},
        {"security_group_ids", R"(["sg-1","web"])", "$.security_group_ids[1]",
         "\"web\" must be an id such as \"sg-0123456789abcdef0\""},
        {"max_price", R"("cheap")", "$.max_price",
         "\"cheap\" must be a price in USD an hour such as \"0.0125\""},
        {"max_price", R"("0.000")", "$.max_price",
         "\"0.000\" must be a price in USD an hour such as \"0.0125\""},
        {"max_price", "0.01", "$.max_price", "must be a string, not a number"},
        {"security_group_ids", "[" + repeated(R"("sg-1")", 17) + "]", "$.security_group_ids",
         "must name at most 16"},
        {"key_name", R"("")", "$.key_name", "must be 1 to 255 ASCII characters; leave it out for none"},
        {"key_name", '"' + std::string(256, 'x') + '"', "$.key_name",
         "must be 1 to 255 ASCII characters; leave it out for none"},
        {"key_name", R"("a\u0000b")", "$.key_name",
         "must be 1 to 255 ASCII characters; leave it out for none"},
        {"block_device_mappings", "[" + repeated(R"({"device_name":"x"})", 41) + "]",
         "$.block_device_mappings", "must be at most 40"},
        {"block_device_mappings", R"([{"device_name":"a\nb"}])", "$.block_device_mappings[0].device_name",
         "must be at most 255 ASCII characters, for example \"/dev/xvda\""},
        {"block_device_mappings", R"([{"device_name":"x","virtual_name":""}])",
         "$.block_device_mappings[0].virtual_name",
         "must be 1 to 255 ASCII characters, for example \"ephemeral0\""},
        {"block_device_mappings", R"([{"device_name":"x","ebs":{"snapshot_id":"vol-1"}}])",
         "$.block_device_mappings[0].ebs.snapshot_id",
         "\"vol-1\" must be an id such as \"snap-0123456789abcdef0\""},
        {"iam_instance_profile", R"("a b")", "$.iam_instance_profile",
         "\"a b\" must be the name or the ARN of an instance profile"},
        {"block_device_mappings", R"([{"ebs":{"volume_size":8}}])", "$.block_device_mappings[0].device_name",
         "is required, for example \"/dev/xvda\""},
        {"block_device_mappings", R"([{"device_name":"/dev/xvda","ebs":{"volume_size":0}}])",
         "$.block_device_mappings[0].ebs.volume_size", "0 must be from 1 to 1000000"},
        {"block_device_mappings", R"([{"device_name":"/dev/xvda","ebs":{"volume_type":"fast"}}])",
         "$.block_device_mappings[0].ebs.volume_type",
         "\"fast\" must be one of standard, io1, io2, gp2, gp3, sc1, st1"},
        {"block_device_mappings", R"([{"device_name":"/dev/xvda","virtual_name":"ephemeral0","ebs":{}}])",
         "$.block_device_mappings[0]", "must have either ebs or virtual_name, not both"},
        {"user_data", R"("echo hello")", "$.user_data",
         "must be a shell script, beginning with #!, or cloud-config, beginning with #cloud-config"},
        {"tags", R"({"aws:x":"y"})", "$.tags[\"aws:x\"]",
         "must not begin with aws: or spot-manager:, which are reserved"},
        {"tags", R"({"":"y"})", "$.tags[\"\"]",
         "must have a key of 1 to 128 and a value of at most 256 bytes"},
        {"dns", R"({"private":{}})", "$.dns.private.name", "is required"},
        {"dns", R"({"private":{"name":"chen"}})", "$.dns.private.name",
         "\"chen\" must be a full DNS name such as \"lms-chen.example.com\""},
        {"dns", R"({"private":{"name":"a.example.com","ttl":0}})", "$.dns.private.ttl",
         "0 must be from 1 to 86400 seconds"},
        {"dns", R"({"private":{"name":"a.example.com","zone_id":"/hostedzone/Z1"}})", "$.dns.private.zone_id",
         "\"/hostedzone/Z1\" must be a hosted zone's id such as \"Z0123456789ABC\""},
        {"dns", R"({"public":{"name":"a.example.com"}})", "$.dns.public",
         "needs \"public_ip\": true, since only then the machine has a public address"},
        {"dns", R"({"private":{"name":"a.b.c","zone_id":"Z1"},"public":{"name":"A.b.c.","zone_id":"Z1"}})",
         "$.dns.public", "is the same record as $.dns.private: give it another name or zone"},
        {"readiness", R"({"http":{"port":0}})", "$.readiness.http.port", "must be from 1 to 65535"},
        {"readiness", R"({"http":{"path":"x"}})", "$.readiness.http.path",
         "must begin with / and be at most 1024 visible ASCII characters, others percent-encoded"},
        {"readiness", R"({"http":{"path":"/a\u0000b"}})", "$.readiness.http.path",
         "must begin with / and be at most 1024 visible ASCII characters, others percent-encoded"},
        {"readiness", R"({"tcp":{}})", "$.readiness.tcp.port", "must be from 1 to 65535"},
        {"readiness", R"({"tcp":{"port":70000}})", "$.readiness.tcp.port", "must be from 0 to 65535"},
        {"readiness", R"({"http":{},"tcp":{"port":22}})", "$.readiness",
         "must have either http or tcp, not both"},
        {"readiness", R"({"http":{},"settle":"5s"})", "$.readiness.settle",
         "acts only where there is no probe; leave out one of them"},
        {"readiness", R"({"settle":"2h"})", "$.readiness.settle", "must be at most 1h"},
    };
    for (const auto& row : table) {
        auto document = a_document();
        if (row.path == "$.dns.public" && row.message.starts_with("is the same")) {
            document["public_ip"] = true;
        }
        document[row.member] = base::json::parse(row.value);
        const auto errors = errors_of(document);
        CAPTURE(row.value);
        CAPTURE(base::describe(errors));
        CHECK(error_at(errors, row.path) == row.message);
        CHECK(errors.size() == 1);
    }
}

TEST_CASE("what is missing is named") {
    const auto errors = errors_of(base::json::object{});
    for (const auto* path :
         {"$.name", "$.image_id", "$.instance_types", "$.subnet_ids", "$.security_group_ids"}) {
        CAPTURE(path);
        CHECK_FALSE(error_at(errors, path).empty());
    }
    CHECK(errors.size() == 5);
}

TEST_CASE("members that do not act are refused") {
    auto document = a_document();
    document["hostname"] = "x";
    CHECK_FALSE(error_at(errors_of(document), "$.hostname").empty());
}

TEST_CASE("all mistakes are told at once, each once, whatever they are") {
    auto document = a_document();
    document["name"] = "UPPER";
    document["image_id"] = 5;
    document["max_price"] = "free";
    document["dns"] = base::json::parse(R"({"private":"a.example.com"})");
    const auto errors = errors_of(document);
    CAPTURE(base::describe(errors));
    for (const auto* path : {"$.name", "$.image_id", "$.max_price", "$.dns.private"}) {
        CAPTURE(path);
        CHECK_FALSE(error_at(errors, path).empty());
    }
    CHECK(errors.size() == 4);
}

TEST_CASE("a document that is no object is refused") {
    for (const auto* text : {"null", "[]", "\"x\"", "1", "true"}) {
        const auto errors = errors_of(base::json::parse(text));
        REQUIRE(errors.size() == 1);
        CHECK(errors.front().path == "$");
    }
}

TEST_CASE("a window of the day may go over midnight, and begins again every day") {
    const auto at = [](std::string_view text) { return *base::parse_time(text); };
    const auto night = parse_window("22:30-05:00");
    REQUIRE(night);
    CHECK(is_within(*night, at("2026-01-15T22:30:00Z")));
    CHECK(is_within(*night, at("2026-01-15T04:59:59Z")));
    CHECK_FALSE(is_within(*night, at("2026-01-15T05:00:00Z")));
    CHECK_FALSE(is_within(*night, at("2026-01-15T22:29:59Z")));
    CHECK(next_begin(*night, at("2026-01-15T12:00:00Z")) == at("2026-01-15T22:30:00Z"));
    CHECK(next_begin(*night, at("2026-01-15T23:00:00Z")) == at("2026-01-16T22:30:00Z"));
    CHECK_FALSE(parse_window("02:00-02:00"));
    CHECK_FALSE(parse_window("24:00-02:00"));
    CHECK_FALSE(parse_window("02:00"));
}
