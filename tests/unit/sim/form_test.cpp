#include "sim/form.hpp"

#include <doctest/doctest.h>

TEST_CASE("sim form: lists and groups come in order of their numbers") {
    const auto form =
        sim::Form::parse("Id.10=c&Id.2=b&Id.1=a%20+&Filter.1.Name=n&Filter.1.Value.1=x&Filter.1.Value.2=y");
    CHECK(form.list("Id") == std::vector<std::string>{"a  ", "b", "c"});
    const auto filters = form.groups("Filter");
    REQUIRE(filters.size() == 1);
    CHECK(filters[0].text("Name") == "n");
    CHECK(filters[0].list("Value").size() == 2);
    CHECK(form.groups("Id").empty());
}

TEST_CASE("sim form: the first parameter that is wrong is told") {
    auto form = sim::Form::parse("Count=x&When=soon&Flag=perhaps");
    CHECK_FALSE(form.number("None", 1, 5));
    CHECK_FALSE(form.fault());
    CHECK_FALSE(form.number("Count", 1, 5));
    CHECK_FALSE(form.time("When"));
    CHECK_FALSE(form.boolean("Flag"));
    CHECK(form.required("Missing").empty());
    CHECK(form.fault()->message.contains("Count"));
}

TEST_CASE("sim form: the canonical text leaves out what it is told to, and keeps no order") {
    const auto one = sim::Form::parse("B=2&A=1&ClientToken=t");
    const auto two = sim::Form::parse("ClientToken=u&A=1&B=2");
    CHECK(one.canonical({"ClientToken"}) == two.canonical({"ClientToken"}));
    CHECK(one.canonical({}) != two.canonical({}));
}

TEST_CASE("sim form: any text can be parsed") {
    for (const auto* text :
         {"", "&", "=", "%", "a=%g", "a.=1&.1=2&a.x.y=3", "Filter.99999999999999999999.Name=x"}) {
        auto form = sim::Form::parse(text);
        CHECK(form.groups("Filter").empty());
    }
}
