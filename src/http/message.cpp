#include "http/message.hpp"

#include "base/text.hpp"

namespace http {

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
    for (const auto& header : headers) {
        if (base::equal_ignoring_case(header.name, name)) {
            return header.value;
        }
    }
    return std::nullopt;
}

}  // namespace http
