#pragma once

#include <string_view>

namespace web {

/// proto/openapi.yaml, as it was when the program was built.
extern const std::string_view openapi_yaml;

}  // namespace web
