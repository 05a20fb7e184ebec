#include "aws/error.hpp"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "base/json.hpp"
#include "base/text.hpp"

namespace aws {
namespace {

constexpr std::size_t message_bytes_max = 1024;

/// What an error body says of itself.
struct ErrorBody {
    std::string code;
    std::string message;
    std::string request_id;
    std::vector<std::string> details;
};

std::string string_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// `com.amazonaws.sqs#QueueDoesNotExist:http://...` is QueueDoesNotExist.
std::string bare_code(std::string_view type) {
    type = base::split_once(type, ':').first;
    const auto hash = type.rfind('#');
    return std::string(hash == std::string_view::npos ? type : type.substr(hash + 1));
}

ErrorBody read_json(std::string_view text) {
    const auto json = base::parse_json(text);
    if (!json || !json->is_object()) {
        return {};
    }
    const auto& object = json->get_object();
    ErrorBody body;
    body.code = bare_code(string_at(object, "__type"));
    body.message = string_at(object, "message");
    if (body.message.empty()) {
        body.message = string_at(object, "Message");
    }
    return body;
}

ErrorBody read_error_element(const pugi::xml_node& error, const pugi::xml_node& root) {
    ErrorBody body;
    body.code = error.child_value("Code");
    body.message = error.child_value("Message");
    body.request_id = root.child_value("RequestId");
    if (body.request_id.empty()) {
        body.request_id = root.child_value("RequestID");
    }
    if (body.code == "InvalidChangeBatch") {
        body.details.push_back(body.message);
    }
    return body;
}

/// Route 53's `<InvalidChangeBatch><Messages><Message>`: the root is the code itself.
ErrorBody read_bare_batch(const pugi::xml_node& root) {
    ErrorBody body;
    body.code = root.name();
    body.request_id = root.child_value("RequestId");
    for (const auto& message : root.child("Messages").children("Message")) {
        body.details.emplace_back(message.child_value());
        body.message += fmt::format("{}{}", body.message.empty() ? "" : "; ", message.child_value());
    }
    return body;
}

ErrorBody read_xml(std::string_view text) {
    pugi::xml_document document;
    if (!document.load_buffer(text.data(), text.size())) {
        return {};
    }
    const auto root = document.document_element();
    const std::string_view name = root.name();
    if (name == "Response") {
        return read_error_element(root.child("Errors").child("Error"), root);
    }
    if (name == "ErrorResponse") {
        return read_error_element(root.child("Error"), root);
    }
    if (name == "Error") {
        return read_error_element(root, root);
    }
    if (name == "InvalidChangeBatch") {
        return read_bare_batch(root);
    }
    return {};
}

ErrorBody read_body(const std::string& text) {
    const auto start = base::trim(text);
    if (start.starts_with('{')) {
        return read_json(text);
    }
    if (start.starts_with('<')) {
        return read_xml(text);
    }
    return {};
}

/// What is fit for a log: AWS explains a wrong signature by the whole canonical request, session token
/// included, from the second line on.
std::string_view first_line(std::string_view message) {
    return base::cut(base::split_once(message, '\n').first, message_bytes_max);
}

std::optional<base::Duration> retry_after(const http::Headers& headers) {
    if (const auto exact = http::find_header(headers, "x-amz-retry-after")) {
        if (const auto milliseconds = base::parse_number(*exact);
            milliseconds && *milliseconds < 86'400'000) {
            return base::Duration(*milliseconds);
        }
    }
    if (const auto whole = http::find_header(headers, "Retry-After")) {
        if (const auto seconds = base::parse_number(*whole); seconds && *seconds < 86'400) {
            return std::chrono::seconds(*seconds);
        }
    }
    return std::nullopt;
}

}  // namespace

std::string describe(const Error& error) {
    std::string context;
    if (error.status != 0) {
        context += fmt::format("status {}", error.status);
    }
    if (!error.request_id.empty()) {
        context += fmt::format("{}request {}", context.empty() ? "" : ", ", error.request_id);
    }
    if (error.outcome_unknown) {
        context += fmt::format("{}outcome unknown", context.empty() ? "" : ", ");
    }
    return context.empty() ? fmt::format("{}: {}", error.code, error.message)
                           : fmt::format("{}: {} ({})", error.code, error.message, context);
}

Error error_of(const http::Response& response) {
    auto body = read_body(response.body);
    Error error;
    error.status = response.status;
    error.code = body.code.empty() ? fmt::format("HTTP{}", response.status) : std::move(body.code);
    error.message = first_line(body.message);
    error.details = std::move(body.details);
    error.request_id = http::find_header(response.headers, "x-amzn-RequestId").value_or(body.request_id);
    error.retry_after = retry_after(response.headers);
    error.kind = classify(error.code, error.message, error.status);
    // A throttled call, or one that found no capacity, was not carried out though its status may be 5xx.
    error.outcome_unknown = error.kind == ErrorClass::transient && error.status >= 500;
    if (error.message.empty()) {
        error.message = fmt::format("AWS answered status {} without a readable reason", error.status);
    }
    return error;
}

Error error_of(const http::TransportError& failure) {
    Error error;
    error.kind = ErrorClass::transient;
    error.message = failure.message;
    error.outcome_unknown = failure.sent;
    switch (failure.kind) {
        case http::TransportError::Kind::connect:
            error.code = failure.certificate ? "CertificateRejected" : "ConnectFailed";
            break;
        case http::TransportError::Kind::reset:
            error.code = "ConnectionReset";
            break;
        case http::TransportError::Kind::timeout:
            error.code = "Timeout";
            break;
        case http::TransportError::Kind::protocol:
            error.code = "UnreadableAnswer";
            break;
    }
    return error;
}

std::unexpected<Error> unreadable(std::string what) {
    Error error;
    error.kind = ErrorClass::transient;
    error.code = "UnreadableAnswer";
    error.message = std::move(what);
    error.status = 200;
    error.outcome_unknown = true;
    return std::unexpected(std::move(error));
}

}  // namespace aws
