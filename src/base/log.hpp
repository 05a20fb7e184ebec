#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

/// Structured log lines on standard error: one a handled message, one an action; fields named.
namespace base::log {

/// By consequence. critical: cannot serve; error: a user did not get what was due; warning: outside the
/// expected flow; info: the golden path; debug: for whoever develops.
enum class Level { debug, info, warning, error, critical };

enum class Format { logfmt, json };

/// One named value. Empty values are left out.
struct Field {
    std::string_view name;
    std::string value;
};

/// Before the first line. Until then: info, logfmt.
void configure(Level least, Format format);

/// `event` is from a closed set. Never a credential, token, signing key or user data in a field.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace base::log
