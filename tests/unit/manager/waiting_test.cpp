#include "manager/waiting.hpp"

#include <doctest/doctest.h>

namespace {

using fleet::ActionKind;
using namespace std::chrono_literals;

const base::Time noon = *base::parse_time("2026-01-15T12:00:00Z");

std::shared_ptr<const fleet::Record> record(const std::string& name) {
    fleet::Record record;
    record.spec.name = name;
    return std::make_shared<const fleet::Record>(std::move(record));
}

manager::Work work(const std::string& name, ActionKind kind, std::optional<base::Duration> needed = {},
                   const std::string& key = "key") {
    fleet::Action action;
    action.kind = kind;
    action.key = key;
    if (needed) {
        action.needed_by = noon + *needed;
    }
    return {record(name), std::move(action)};
}

/// The names in the order in which actions of a kind would begin.
std::string order(manager::Waiting waiting, ActionKind kind) {
    std::string names;
    while (waiting.first(kind)) {
        names += waiting.take(kind).record->name();
    }
    return names;
}

}  // namespace

TEST_CASE("waiting: the most urgent first, then in order of arrival") {
    manager::Waiting waiting;
    waiting.put("a", {work("a", ActionKind::request_spot)});
    waiting.put("b", {work("b", ActionKind::request_spot, 90s)});
    waiting.put("c", {work("c", ActionKind::request_spot)});
    waiting.put("d", {work("d", ActionKind::request_spot, -5s)});
    waiting.put("e", {work("e", ActionKind::request_spot, 90s)});
    CHECK(order(waiting, ActionKind::request_spot) == "dbeac");
    CHECK(waiting.size() == 5);
}

TEST_CASE("waiting: what waits for a name is replaced, and keeps its place among the equally urgent") {
    manager::Waiting waiting;
    for (const std::string name : {"a", "b", "c"}) {
        waiting.put(name,
                    {work(name, ActionKind::tag_machine), work(name, ActionKind::probe_machine, {}, "p")});
    }
    waiting.put("b", {work("b", ActionKind::tag_machine)});
    CHECK(order(waiting, ActionKind::tag_machine) == "abc");
    CHECK(order(waiting, ActionKind::probe_machine) == "ac");
    CHECK(waiting.size() == 5);
    waiting.put("c", {work("c", ActionKind::tag_machine, 1s)});
    CHECK(order(waiting, ActionKind::tag_machine) == "cab");
    waiting.put("a", {});
    waiting.put("c", {});
    waiting.put("b", {});
    CHECK(waiting.size() == 0);
    CHECK(waiting.kinds().empty());
    CHECK(waiting.first(ActionKind::tag_machine) == nullptr);
}

TEST_CASE("waiting: what was taken waits no more") {
    manager::Waiting waiting;
    waiting.put("a", {work("a", ActionKind::tag_machine), work("a", ActionKind::probe_machine, {}, "p")});
    CHECK(waiting.take(ActionKind::tag_machine).action.key == "key");
    CHECK(waiting.size() == 1);
    CHECK(waiting.kinds() == std::vector{ActionKind::probe_machine});
    waiting.put("a", {work("a", ActionKind::tag_machine)});
    CHECK(waiting.kinds() == std::vector{ActionKind::tag_machine});
}

TEST_CASE("waiting: kinds come in the order of their most urgent") {
    manager::Waiting waiting;
    waiting.put("a", {work("a", ActionKind::request_spot), work("a", ActionKind::probe_machine, {}, "p")});
    waiting.put("b", {work("b", ActionKind::follow_change, 10s)});
    CHECK(waiting.kinds() ==
          std::vector{ActionKind::follow_change, ActionKind::request_spot, ActionKind::probe_machine});
}

TEST_CASE("waiting: what is there under the same key of a name is not put twice") {
    manager::Waiting waiting;
    waiting.put("a", {work("a", ActionKind::follow_change), work("a", ActionKind::follow_change)});
    CHECK(waiting.size() == 1);
    CHECK(order(waiting, ActionKind::follow_change) == "a");
}
