#include "sim/service.hpp"

#include <boost/json/serialize.hpp>
#include <map>
#include <pugixml.hpp>

#include "base/text.hpp"
#include "sim/form.hpp"
#include "sim/xml.hpp"

namespace sim {

namespace {

/// The code of the older query protocol, where it is not the name of the JSON shape.
std::string query_code(const std::string& code) {
    static const std::map<std::string, std::string> old_codes = {
        {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
        {"QueueNameExists", "QueueAlreadyExists"},
        {"QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"},
        {"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"},
        {"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"},
        {"EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"},
        {"TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
        {"BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
        {"InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"},
        {"UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"},
        {"PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"},
    };
    const auto found = old_codes.find(code);
    return found == old_codes.end() ? code : found->second;
}

http::Response json_fault(const Fault& fault, const std::string& request_id, const http::Request& request) {
    // What the service itself did not say comes from the layer in front of it.
    const bool common = fault.status == 403 || fault.code.ends_with("Exception");
    const boost::json::object body = {
        {"__type", (common ? "com.amazon.coral.service#" : "com.amazonaws.sqs#") + fault.code},
        {"message", fault.message}};
    http::Response response{
        .status = fault.status,
        .headers = {{"Content-Type", "application/x-amz-json-1.0"}, {"x-amzn-RequestId", request_id}},
        .body = boost::json::serialize(body)};
    if (!common && http::find_header(request.headers, "x-amzn-query-mode") == "true") {
        const auto* const whose = fault.status < 500 ? ";Sender" : ";Receiver";
        response.headers.push_back({"x-amzn-query-error", query_code(fault.code) + whose});
    }
    return response;
}

std::string ec2_fault(const Fault& fault, const std::string& request_id) {
    pugi::xml_document document;
    auto response = document.append_child("Response");
    auto error = response.append_child("Errors").append_child("Error");
    add(error, "Code", fault.code);
    add(error, "Message", fault.message);
    add(response, "RequestID", request_id);
    return print(document);
}

std::string query_fault(Service service, const Fault& fault, const std::string& request_id) {
    pugi::xml_document document;
    auto response = document.append_child("ErrorResponse");
    response.append_attribute("xmlns") = service == Service::sts
                                             ? "https://sts.amazonaws.com/doc/2011-06-15/"
                                             : "https://route53.amazonaws.com/doc/2013-04-01/";
    auto error = response.append_child("Error");
    add(error, "Type", fault.status < 500 ? "Sender" : "Receiver");
    add(error, "Code", fault.code);
    add(error, "Message", fault.message);
    add(response, "RequestId", request_id);
    return print(document);
}

}  // namespace

std::string_view signing_name(Service service) {
    switch (service) {
        case Service::sqs:
            return "sqs";
        case Service::ec2:
            return "ec2";
        case Service::route53:
            return "route53";
        case Service::sts:
            return "sts";
    }
    return "";
}

Service service_of(const http::Request& request) {
    if (http::find_header(request.headers, "X-Amz-Target")) {
        return Service::sqs;
    }
    if (request.target.starts_with("/2013-04-01/")) {
        return Service::route53;
    }
    const auto form = Form::parse(request.body);
    if (form.text("Version") == "2011-06-15") {
        return Service::sts;
    }
    if (form.text("Version") == "2016-11-15") {
        return Service::ec2;
    }
    const auto authorization = http::find_header(request.headers, "Authorization").value_or("");
    for (const auto service : {Service::sqs, Service::route53, Service::sts}) {
        const auto scope = "/" + std::string(signing_name(service)) + "/aws4_request";
        if (authorization.find(scope) != std::string_view::npos) {
            return service;
        }
    }
    return Service::ec2;
}

std::string operation_of(const http::Request& request) {
    if (const auto target = http::find_header(request.headers, "X-Amz-Target")) {
        return std::string(target->substr(target->find('.') + 1));
    }
    if (auto action = Form::parse(request.body).text("Action"); !action.empty()) {
        return action;
    }
    return request.method + " " + std::string(base::split_once(request.target, '?').first);
}

http::Response write_fault(Service service, const Fault& fault, const std::string& request_id,
                           const http::Request& request) {
    switch (service) {
        case Service::sqs:
            return json_fault(fault, request_id, request);
        case Service::ec2:
            return xml_response(ec2_fault(fault, request_id), request_id, fault.status);
        case Service::route53:
        case Service::sts:
            break;
    }
    return xml_response(query_fault(service, fault, request_id), request_id, fault.status);
}

http::Response xml_response(std::string body, const std::string& request_id, int status) {
    return {.status = status,
            .headers = {{"Content-Type", "text/xml"}, {"x-amzn-RequestId", request_id}},
            .body = std::move(body)};
}

}  // namespace sim
