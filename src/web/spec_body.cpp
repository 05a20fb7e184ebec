#include "web/spec_body.hpp"

#include "base/text.hpp"
#include "web/answer.hpp"

namespace web {
namespace {

bool is_json(const http::Request& request) {
    const auto type = http::find_header(request.headers, "Content-Type");
    const auto media_type = base::trim(base::split_once(type.value_or(""), ';').first);
    return base::equal_ignoring_case(media_type, "application/json");
}

}  // namespace

std::expected<fleet::Spec, http::Response> read_spec(const http::Request& request) {
    if (!is_json(request)) {
        return std::unexpected(
            problem(415, "the body must be JSON, sent with `Content-Type: application/json`"));
    }
    const auto document = base::parse_json(request.body);
    if (!document) {
        return std::unexpected(problem(400, "the body " + document.error()));
    }
    auto spec = fleet::parse_spec(*document);
    if (!spec) {
        return std::unexpected(
            problem(422, "the spec cannot be accepted; `errors` says which fields are wrong", spec.error()));
    }
    return *std::move(spec);
}

}  // namespace web
