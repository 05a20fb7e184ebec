#include "sim/faults.hpp"

#include <doctest/doctest.h>

#include "sim/control_faults.hpp"

using namespace std::chrono_literals;
using sim::FaultKind;

namespace {

struct Fixture {
    sim::Timeline timeline{base::Time{base::Duration{1'000'000}}};
    sim::Faults faults{timeline};

    void pass(base::Duration time) { timeline.advance_to(timeline.now() + time); }

    std::optional<sim::Strike> describe() {
        return faults.strike("ec2", "DescribeInstances", {FaultKind::throttle, FaultKind::error});
    }

    std::string post(const std::string& body) {
        const auto answer = sim::answer_faults(faults, "POST", body);
        return answer ? std::string() : answer.error().message;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "sim faults: none without a rule") {
    CHECK_FALSE(describe());
    CHECK_FALSE(faults.any(FaultKind::throttle));
}

TEST_CASE_FIXTURE(
    Fixture, "sim faults: a rule strikes its service and operation alone, where its kind can be played") {
    REQUIRE(post(R"({"service": "ec2", "operation": "DescribeInstances", "fault": "throttle"})").empty());
    CHECK(faults.any(FaultKind::throttle));
    CHECK(describe());
    CHECK_FALSE(faults.strike("ec2", "CreateTags", {FaultKind::throttle}));
    CHECK_FALSE(faults.strike("sqs", "DescribeInstances", {FaultKind::throttle}));
    CHECK_FALSE(faults.strike("ec2", "DescribeInstances", {FaultKind::stale}));
}

TEST_CASE_FIXTURE(Fixture,
                  "sim faults: a rule ends after its count and its time, and is forgotten by DELETE") {
    REQUIRE(post(R"([{"fault": "throttle", "count": 2}, {"fault": "error:Oops", "for": "5s"}])").empty());
    CHECK(describe()->kind == FaultKind::throttle);
    CHECK(describe()->kind == FaultKind::throttle);
    CHECK(describe()->code == "Oops");
    pass(5s);
    CHECK_FALSE(describe());
    CHECK(faults.rules().size() == 2);
    CHECK(faults.rules()[0].struck == 2);
    CHECK(sim::answer_faults(faults, "DELETE", "").value().at("faults").as_array().empty());
}

TEST_CASE_FIXTURE(Fixture, "sim faults: the same seed decides the same for the same calls") {
    const auto story = [&](std::uint64_t seed) {
        faults.seed(seed);
        std::string marks;
        for (int call = 0; call < 200; ++call) {
            marks += describe() ? 'x' : '.';
        }
        return marks;
    };
    REQUIRE(post(R"({"fault": "throttle", "probability": 0.3})").empty());
    const auto first = story(7);
    CHECK(first == story(7));
    CHECK(first != story(8));
    const auto struck = std::ranges::count(first, 'x');
    CHECK(struck > 30);
    CHECK(struck < 90);
}

TEST_CASE_FIXTURE(Fixture, "sim faults: `everything` is the whole mixture, about as often as it is told") {
    REQUIRE(post(R"({"fault": "everything", "probability": 0.1})").empty());
    CHECK(faults.rules().size() == sim::unkind(0.1).size());
    double calls = 0;
    for (const auto& rule : sim::unkind(0.1)) {
        calls += rule.service == "*" ? rule.probability : 0;
    }
    CHECK(calls == doctest::Approx(0.1));
}

TEST_CASE_FIXTURE(Fixture,
                  "sim faults: wrong rules are refused in a sentence, and none of their list is added") {
    CHECK(post(R"([{"fault": "throttle"}, {"fault": "thunder"}])").find("thunder") != std::string::npos);
    CHECK(post(R"({"fault": "throttle", "probability": 2})").find("from 0 to 1") != std::string::npos);
    CHECK(post(R"({"fault": "throttle", "often": true})").find("often") != std::string::npos);
    CHECK(post("thunder").size() > 0);
    CHECK_FALSE(sim::answer_faults(faults, "PUT", ""));
    CHECK(faults.rules().empty());
}
