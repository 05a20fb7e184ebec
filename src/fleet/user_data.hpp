#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fleet/record.hpp"

/// What a machine is started with: the user's own part and our first-boot part, which reports `booted`.
namespace fleet {

/// What our part must know. It depends on the registration only, so that a repeated request has equal
/// parameters.
struct FirstBoot {
    std::string name;
    std::string queue_url;
    std::string region;
    std::string token;  ///< report_token() of the registration
};

/// MIME multipart that cloud-init reads: the user's first, then ours. Not encoded in base64.
/// https://docs.cloud-init.io/en/latest/explanation/format.html
std::string render_user_data(const std::optional<std::string>& user_part, const FirstBoot& first_boot);

/// EC2's limit, before base64.
inline constexpr std::size_t user_data_bytes_max = 16 * 1024;

/// Why a user's part cannot be taken, as the end of a sentence; nothing when it can.
std::optional<std::string> user_data_problem(std::string_view user_part);

}  // namespace fleet
