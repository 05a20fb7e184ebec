#pragma once

#include <string_view>

/// Files that are part of the program, as they were when it was built.
namespace web {

extern const std::string_view openapi_yaml;  ///< proto/openapi.yaml
extern const std::string_view page_html;     ///< page.html beside this file

}  // namespace web
