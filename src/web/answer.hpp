#pragma once

#include <string>

#include "base/json.hpp"
#include "http/message.hpp"

/// The two forms of every answer: JSON, and the problem document of RFC 9457.
namespace web {

http::Response json_answer(int status, const base::json::value& body);

/// `detail` is a sentence for the caller; `errors` name the fields of the body that are wrong.
http::Response problem(int status, std::string detail, const base::FieldErrors& errors = {});

}  // namespace web
