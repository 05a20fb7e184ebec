#include "http/message.hpp"

#include <boost/beast/http/status.hpp>

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

std::string_view reason_phrase(int status) {
    return boost::beast::http::obsolete_reason(
        boost::beast::http::int_to_status(static_cast<unsigned>(status)));
}

}  // namespace http
