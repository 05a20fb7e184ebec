#include "sim/message_attributes.hpp"

#include <doctest/doctest.h>
#include <boost/json/parse.hpp>

namespace {

boost::json::object attributes(const char* text) {
    return boost::json::parse(text).as_object();
}

}  // namespace

TEST_CASE("sim message attributes: the checksum is AWS's") {
    CHECK(sim::attributes_md5(attributes(R"({"kind":{"DataType":"String","StringValue":"test"}})")) ==
          "b208efaf010247370cb046e6adfb8858");
    CHECK(sim::attributes_md5({}).value().empty());
}

TEST_CASE("sim message attributes: without type or value they are refused") {
    for (const auto* wrong : {R"({"a":1})", R"({"a":{"StringValue":"x"}})", R"({"a":{"DataType":"String"}})",
                              R"({"a":{"DataType":"Binary","BinaryValue":"!"}})"}) {
        CHECK_MESSAGE(!sim::attributes_md5(attributes(wrong)), wrong);
    }
}

TEST_CASE("sim message attributes: receivers choose by name, prefix or all") {
    const auto all = attributes(R"({"a.x":{},"a.y":{},"b":{}})");
    CHECK(sim::select_attributes(all, {"b"}).size() == 1);
    CHECK(sim::select_attributes(all, {"a.*"}).size() == 2);
    CHECK(sim::select_attributes(all, {"All"}).size() == 3);
    CHECK(sim::select_attributes(all, {}).empty());
}

TEST_CASE("sim message bodies: only what XML allows") {
    CHECK(sim::valid_message_body("a\tb\nü"));
    CHECK_FALSE(sim::valid_message_body("a\x01"));
    CHECK_FALSE(sim::valid_message_body("\xEF\xBF\xBF"));
}
