#include "fleet/command.hpp"

#include <boost/json/serialize.hpp>

#include "base/hash.hpp"

namespace fleet {
namespace {

/// Lines cannot be shifted into one another: only the payload, the last, may hold a line end.
std::string signature_of(std::string_view key, const SignedCommand& command) {
    const std::string text = "spot-manager command 1\n" + command.command + "\n" + command.uid + "\n" +
                             command.issued + "\n" + command.payload;
    return base::hex(base::hmac_sha256(key, text));
}

}  // namespace

std::string sign_command(std::string_view key, std::string_view command, std::string_view uid,
                         base::Time issued, std::string_view payload) {
    SignedCommand signed_command{.command = std::string(command),
                                 .uid = std::string(uid),
                                 .issued = base::format_time(issued),
                                 .payload = std::string(payload)};
    signed_command.signature = signature_of(key, signed_command);
    auto document = base::to_json(signed_command);
    document.as_object()["spot_manager"] = 1;
    return base::json::serialize(document);
}

bool signature_holds(std::string_view key, const SignedCommand& command) {
    for (const auto* line : {&command.command, &command.uid, &command.issued}) {
        if (line->find('\n') != std::string::npos) {
            return false;
        }
    }
    return base::equal_in_constant_time(signature_of(key, command), command.signature);
}

std::string report_token(std::string_view key, std::string_view uid) {
    return base::hex(base::hmac_sha256(key, "spot-manager report 1\n" + std::string(uid)));
}

}  // namespace fleet
