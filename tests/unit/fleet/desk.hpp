#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

#include "fleet/memory_ledger.hpp"
#include "fleet/reception.hpp"

/// Messages and facts taken in one at a time, each in a transaction of its own.
namespace desk {

using namespace fleet;  // NOLINT(google-build-using-namespace): the words of the room under test
using namespace std::chrono_literals;

inline const Time start = *base::parse_time("2026-01-15T12:00:00Z");
inline const std::string event_bridge = "AIDAEVENTS";

/// Memory, of which one record cannot be read.
class DamagedLedger : public MemoryLedger {
  public:
    std::string damaged;

    base::Result<std::optional<Record>> find(const std::string& name) override {
        CHECK_FALSE(name.empty());
        if (name == damaged) {
            return base::fail("the record of " + name + " cannot be read");
        }
        return MemoryLedger::find(name);
    }
};

struct Desk {
    DamagedLedger ledger;
    Rules rules{.account = "123456789012", .region = "us-east-2", .key = "the store's key"};
    Policy policy;
    Time now = start;
    int messages = 0;

    Effects receive(const Envelope& envelope) {
        Reception reception(ledger, rules, policy, now);
        reception.receive(envelope);
        return reception.take_effects();
    }

    Receipt send(const std::string& body, const std::string& sender = event_bridge) {
        return receive({"m-" + std::to_string(++messages), body, sender, now}).receipts.front();
    }

    template <class Body>
    Effects tell(const std::string& name, Body body) {
        Reception reception(ledger, rules, policy, now);
        reception.tell(name, {now, std::move(body)});
        return reception.take_effects();
    }

    Effects expire() {
        Reception reception(ledger, rules, policy, now);
        reception.expire_unclaimed();
        return reception.take_effects();
    }

    const Record& record(const std::string& name = "lms-chen") const { return ledger.records().at(name); }
    std::string token() const { return report_token(rules.key, record().uid); }
};

inline std::string spec(const std::string& name, const std::string& more = "") {
    return R"({"name":")" + name + R"(","image_id":"ami-1","instance_types":["t3.small"],)" +
           R"("subnet_ids":["subnet-1"],"security_group_ids":["sg-1"])" + more + "}";
}

inline std::string command(const Desk& desk, const std::string& uid, const std::string& payload,
                           std::optional<Time> issued = {}, std::string_view operation = "register") {
    return sign_command(desk.rules.key, operation, uid, issued.value_or(desk.now), payload);
}

}  // namespace desk
