#pragma once

#include <expected>

#include "fleet/spec.hpp"
#include "http/message.hpp"

namespace web {

/// The spec that a call carries as JSON, or the answer that says what is wrong with it.
std::expected<fleet::Spec, http::Response> read_spec(const http::Request& request);

}  // namespace web
