#include "base/json.hpp"

#include <doctest/doctest.h>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/json/serialize.hpp>

namespace {

enum class Colour { red, blue };
BOOST_DESCRIBE_ENUM(Colour, red, blue)

struct Inner {
    int ttl = 30;
    bool operator==(const Inner&) const = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (ttl))

struct Outer {
    std::string name;
    std::optional<Inner> private_;
    std::vector<Colour> colours;
    std::map<std::string, std::string> tags;
    base::Duration wait{};
    std::optional<base::Time> since;
    bool operator==(const Outer&) const = default;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (name, private_, colours, tags, wait, since))

base::FieldErrors errors_of(std::string_view text) {
    const auto value = base::parse_json(text);
    REQUIRE(value);
    const auto read = base::from_json<Outer>(*value, base::UnknownKeys::reject);
    REQUIRE_FALSE(read);
    return read.error();
}

}  // namespace

TEST_CASE("json: what was written is read again, and empty optionals are left out") {
    Outer outer;
    outer.name = "a";
    CHECK(boost::json::serialize(base::to_json(outer)) ==
          R"({"name":"a","colours":[],"tags":{},"wait":"0s"})");
    outer.private_ = Inner{60};
    outer.colours = {Colour::blue, Colour::red};
    outer.tags = {{"k", "v"}};
    outer.wait = std::chrono::milliseconds{1500};
    outer.since = base::parse_time("2026-01-15T12:00:00.250Z");
    const auto again = base::from_json<Outer>(base::to_json(outer), base::UnknownKeys::reject);
    REQUIRE(again);
    CHECK(*again == outer);
}

TEST_CASE("json: all errors at once, each with its path") {
    const auto errors = errors_of(
        R"({"name":1,"private":{"ttl":"x","more":1},"colours":["green"],"tags":{"a b":2},"wait":"soon"})");
    REQUIRE(errors.size() == 6);
    CHECK(base::describe(errors) ==
          "$.name: must be a string, not a number; $.private.ttl: must be a whole number, not a string; "
          "$.private.more: is not a known field; $.colours[0]: must be one of red, blue; "
          "$.tags[\"a b\"]: must be a string, not a number; "
          "$.wait: must be a duration such as \"30s\", \"1500ms\" or \"2m\"");
}

TEST_CASE("json: a stored document of another version is read: unknown ignored, missing defaulted") {
    const auto value = base::parse_json(R"({"name":"a","later":true,"private":{}})");
    REQUIRE(value);
    const auto read = base::from_json<Outer>(*value, base::UnknownKeys::ignore);
    REQUIRE(read);
    CHECK(read->private_ == Inner{30});
}

TEST_CASE("json: text from outside is bounded in depth") {
    CHECK_FALSE(base::parse_json(std::string(1000, '[')));
    CHECK_FALSE(base::parse_json("{} x"));
    CHECK_FALSE(base::parse_json(""));
}
