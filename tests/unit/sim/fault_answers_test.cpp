#include "sim/fault_answers.hpp"

#include <doctest/doctest.h>

#include "aws/error.hpp"

using aws::ErrorClass;
using sim::FaultKind;
using sim::Service;

namespace {

/// What a client of AWS makes of the refusal.
ErrorClass read(FaultKind kind, Service service, const std::string& code = {}) {
    const auto fault = sim::refusal_of({.kind = kind, .code = code}, service);
    REQUIRE(fault);
    return aws::error_of(sim::write_fault(service, *fault, "id", {})).kind;
}

}  // namespace

TEST_CASE("sim fault answers: each service refuses in words that clients know") {
    for (const auto service : {Service::ec2, Service::route53, Service::sqs, Service::sts}) {
        CHECK(read(FaultKind::throttle, service) == ErrorClass::throttled);
        CHECK(read(FaultKind::unavailable, service) == ErrorClass::transient);
        CHECK(read(FaultKind::access_denied, service) == ErrorClass::permission);
        CHECK(read(FaultKind::error, service, "VcpuLimitExceeded") == ErrorClass::quota);
    }
    CHECK_FALSE(sim::refusal_of({.kind = FaultKind::reset_after, .code = {}}, Service::ec2));
}

TEST_CASE("sim fault answers: an answer is lost, halved, blown up or replaced") {
    const http::Response answer{.status = 200, .headers = {}, .body = "<xml/>"};
    CHECK(sim::spoil(answer, FaultKind::reset_after).sending == http::Sending::reset);
    CHECK(sim::spoil(answer, FaultKind::cut).sending == http::Sending::cut);
    CHECK(sim::spoil(answer, FaultKind::close).sending == http::Sending::close_after);
    CHECK(sim::spoil(answer, FaultKind::oversized).body.size() > 16 * 1024 * 1024);
    CHECK(sim::spoil(answer, FaultKind::html).body.starts_with("<!DOCTYPE html>"));
    CHECK(sim::spoil(answer, FaultKind::delay).body == answer.body);
}
