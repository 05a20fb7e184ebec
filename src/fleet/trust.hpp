#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/message.hpp"

/// Who may say what.
namespace fleet {

/// A message as SQS gave it.
struct Envelope {
    std::string id;  ///< SQS's MessageId
    std::string body;
    std::string sender;  ///< SQS's SenderId; `…:i-0abc` is a machine's role session
    Time sent;

    bool operator==(const Envelope&) const = default;
};
BOOST_DESCRIBE_STRUCT(Envelope, (), (id, body, sender, sent))

/// Whom to believe.
struct Rules {
    bool check = true;    ///< false in replays: no look at sender, signature, account and age
    std::string account;  ///< whose events are ours
    std::string region;
    std::string key;                    ///< the store's, for commands and report tokens
    bool legacy_reports_any = false;    ///< believe a legacy report from any sender
    bool legacy_registrations = false;  ///< take unsigned registrations of the earlier system
};

/// Why a message is not listened to, whatever it says; nothing when it may be.
std::optional<std::string> objection(const Rules& rules, const Envelope& envelope, const Message& message);

/// Whether a report is of a machine of this record: it comes from that machine's own role session, or has the
/// right token.
bool believes(const Rules& rules, const Envelope& envelope, const BootedReport& report, const Record& record);

/// The machine whose role session a SenderId is; nothing for any other sender.
std::optional<std::string> session_machine(std::string_view sender);

/// A rejected message without what must not be kept: everything from the first payload, token or signature
/// on.
std::string redacted(std::string_view body);

}  // namespace fleet
