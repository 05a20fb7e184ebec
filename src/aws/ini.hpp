#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace aws {

/// One `[section]` of a shared config or credentials file. Keys are lower case.
struct IniSection {
    std::string name;  ///< as written between the brackets, trimmed
    std::map<std::string, std::string> values;
    /// Indented `key = value` lines under a key without a value of its own: `sqs =`, then `  endpoint_url =
    /// ...`.
    std::map<std::string, std::map<std::string, std::string>> nested;
};

/// Reads AWS's form of INI; sections of one name are merged. The error names the line.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
base::Result<std::vector<IniSection>> parse_ini(std::string_view text);

}  // namespace aws
