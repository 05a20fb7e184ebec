#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/machines.hpp"

namespace sim {

/// What a machine tells when it has booted, and where.
struct Report {
    std::string queue_url;
    std::string body;
};

/// Finds in the machine's user data, a shell script or MIME multipart with one, the assignments
/// SPOT_MANAGER_NAME, SPOT_MANAGER_QUEUE_URL and SPOT_MANAGER_TOKEN, and makes the report that the script
/// would send. The script is not run. Nothing when it asks for no report. `legacy`: in the words of the
/// earlier system.
std::optional<Report> report_of(const Machine& machine, bool legacy);

/// The value of the last shell assignment at the start of a line (`NAME='value'`, also with double quotes,
/// without quotes, or after `export`).
std::optional<std::string> shell_assignment(std::string_view script, std::string_view name);

/// All text of user data: the parts of a MIME multipart message decoded, anything else as it is.
std::string plain_user_data(std::string_view user_data);

}  // namespace sim
