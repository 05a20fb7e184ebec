#include "fleet/trust.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace fleet {

std::optional<std::string> objection(const Rules& rules, const Envelope& envelope, const Message& message) {
    if (!rules.check) {
        return std::nullopt;
    }
    const auto session = session_machine(envelope.sender);
    const bool event = std::holds_alternative<StateChangeEvent>(message.body) ||
                       std::holds_alternative<FulfillmentEvent>(message.body) ||
                       std::holds_alternative<InterruptionEvent>(message.body) ||
                       std::holds_alternative<RebalanceEvent>(message.body) ||
                       std::holds_alternative<ImageEvent>(message.body) ||
                       std::holds_alternative<HealthEvent>(message.body);
    if (event && session) {
        return "it has the form of an event and was sent by machine " + *session;
    }
    if (event && (message.account != rules.account || message.region != rules.region)) {
        return "it is an event of account " + message.account + " in " + message.region;
    }
    if (const auto* report = std::get_if<BootedReport>(&message.body);
        report && session && *session != report->machine) {
        return "machine " + *session + " reports about machine " + report->machine;
    }
    if (const auto* report = std::get_if<LegacyLaunched>(&message.body);
        report && !rules.legacy_reports_any && session != report->machine) {
        return "a legacy report is believed only from the machine's own role session, or with legacy_reports "
               "= \"any\"";
    }
    if (std::holds_alternative<LegacyRegister>(message.body) && !rules.legacy_registrations) {
        return "an unsigned registration is taken only with legacy_registrations = true";
    }
    if (const auto* command = std::get_if<SignedCommand>(&message.body)) {
        if (!signature_holds(rules.key, *command)) {
            return "its signature is not of this store's key: it is forged, or another manager shares this "
                   "queue";
        }
    }
    return std::nullopt;
}

bool believes(const Rules& rules, const Envelope& envelope, const BootedReport& report,
              const Record& record) {
    return session_machine(envelope.sender) == report.machine ||
           base::equal_in_constant_time(report.token, report_token(rules.key, record.uid));
}

std::optional<std::string> session_machine(std::string_view sender) {
    const auto at = sender.find(":i-");
    return at == std::string_view::npos ? std::nullopt : std::optional{std::string(sender.substr(at + 1))};
}

std::string redacted(std::string_view body) {
    auto end = body.size();
    for (const std::string_view word : {"payload", "user_data", "token", "signature"}) {
        end = std::min(end, body.find(word));
    }
    return end == body.size() ? std::string(body) : std::string(body.substr(0, end)) + "... (redacted)";
}

}  // namespace fleet
