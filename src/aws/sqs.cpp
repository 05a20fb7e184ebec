#include "aws/sqs.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <utility>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace aws {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

Call sqs_call(std::string operation, json::object body) {
    Call call;
    call.service = Service::sqs;
    call.request.method = "POST";
    call.request.headers = {{"X-Amz-Target", "AmazonSQS." + operation},
                            {"Content-Type", "application/x-amz-json-1.0"}};
    call.request.body = json::serialize(body);
    call.operation = std::move(operation);
    return call;
}

std::int64_t whole_seconds(base::Duration duration) {
    return std::chrono::floor<std::chrono::seconds>(duration).count();
}

Result<json::object> load(std::string_view operation, std::string_view body) {
    auto parsed = base::parse_json(body);
    if (!parsed || !parsed->is_object()) {
        return unreadable(fmt::format("{}: the answer is no JSON object", operation));
    }
    return std::move(parsed->get_object());
}

/// Empty when absent or no string.
std::string text(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The objects of a list; empty when it is absent. What is no object stands for one without members.
std::vector<json::object> objects(const json::object& object, std::string_view key) {
    std::vector<json::object> found;
    const auto* list = object.if_contains(key);
    if (list != nullptr && list->is_array()) {
        for (const auto& item : list->get_array()) {
            found.push_back(item.is_object() ? item.get_object() : json::object());
        }
    }
    return found;
}

std::unexpected<Error> missing(std::string_view operation, std::string_view field) {
    return unreadable(fmt::format("{}: the answer has no {}", operation, field));
}

Message read_message(const json::object& item) {
    Message message{.id = text(item, "MessageId"),
                    .receipt_handle = text(item, "ReceiptHandle"),
                    .body = text(item, "Body"),
                    .sender_id = {},
                    .sent = {},
                    .receive_count = 0};
    const auto* attributes = item.if_contains("Attributes");
    if (attributes != nullptr && attributes->is_object()) {
        const auto& values = attributes->get_object();
        message.sender_id = text(values, "SenderId");
        constexpr std::uint64_t time_max = 253'402'300'799'999;
        if (const auto sent = base::parse_number(text(values, "SentTimestamp")); sent && *sent <= time_max) {
            message.sent = base::Time(base::Duration(*sent));
        }
        if (const auto count = base::parse_number(text(values, "ApproximateReceiveCount"));
            count && std::in_range<int>(*count)) {
            message.receive_count = static_cast<int>(*count);
        }
    }
    return message;
}

}  // namespace

Call build_receive_message(const ReceiveMessageInput& input) {
    json::object body{
        {"QueueUrl", input.queue_url},
        {"MaxNumberOfMessages", input.messages_max},
        {"WaitTimeSeconds", whole_seconds(input.wait)},
        {"MessageSystemAttributeNames", json::array{"SenderId", "SentTimestamp", "ApproximateReceiveCount"}}};
    if (input.visibility) {
        body["VisibilityTimeout"] = whole_seconds(*input.visibility);
    }
    auto call = sqs_call("ReceiveMessage", std::move(body));
    call.server_time = input.wait;
    return call;
}

Call build_delete_message_batch(const DeleteMessageBatchInput& input) {
    json::array entries;
    for (const auto& entry : input.entries) {
        entries.push_back(json::object{{"Id", entry.id}, {"ReceiptHandle", entry.receipt_handle}});
    }
    return sqs_call("DeleteMessageBatch", {{"QueueUrl", input.queue_url}, {"Entries", std::move(entries)}});
}

Call build_send_message(const SendMessageInput& input) {
    json::object body{{"QueueUrl", input.queue_url}, {"MessageBody", input.body}};
    if (input.delay) {
        body["DelaySeconds"] = whole_seconds(*input.delay);
    }
    auto call = sqs_call("SendMessage", std::move(body));
    call.repeatable = input.repeatable;
    return call;
}

Call build_get_queue_url(const GetQueueUrlInput& input) {
    return sqs_call("GetQueueUrl", {{"QueueName", input.queue_name}});
}

Call build_get_queue_attributes(const GetQueueAttributesInput& input) {
    return sqs_call("GetQueueAttributes",
                    {{"QueueUrl", input.queue_url}, {"AttributeNames", json::array{"All"}}});
}

Result<ReceiveMessageOutput> parse_receive_message(std::string_view body) {
    const auto answer = load("ReceiveMessage", body);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    ReceiveMessageOutput output;
    for (const auto& item : objects(*answer, "Messages")) {
        for (const auto* field : {"MessageId", "ReceiptHandle", "Body"}) {
            if (!item.contains(field) || !item.at(field).is_string()) {
                return missing("ReceiveMessage", fmt::format("{} in a message", field));
            }
        }
        auto message = read_message(item);
        const auto md5 = text(item, "MD5OfBody");
        if (!md5.empty() && !base::equal_ignoring_case(md5, base::md5_hex(message.body))) {
            output.damaged.push_back(std::move(message.id));
        } else {
            output.messages.push_back(std::move(message));
        }
    }
    return output;
}

Result<DeleteMessageBatchOutput> parse_delete_message_batch(std::string_view body) {
    const auto answer = load("DeleteMessageBatch", body);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    DeleteMessageBatchOutput output;
    for (const auto& item : objects(*answer, "Successful")) {
        output.deleted.push_back(text(item, "Id"));
    }
    for (const auto& item : objects(*answer, "Failed")) {
        const auto* fault = item.if_contains("SenderFault");
        output.failed.push_back({.id = text(item, "Id"),
                                 .code = text(item, "Code"),
                                 .message = text(item, "Message"),
                                 .sender_fault = fault != nullptr && fault->is_bool() && fault->get_bool()});
    }
    return output;
}

Result<SendMessageOutput> parse_send_message(std::string_view body) {
    const auto answer = load("SendMessage", body);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    SendMessageOutput output{text(*answer, "MessageId")};
    if (output.message_id.empty()) {
        return missing("SendMessage", "MessageId");
    }
    return output;
}

Result<GetQueueUrlOutput> parse_get_queue_url(std::string_view body) {
    const auto answer = load("GetQueueUrl", body);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    GetQueueUrlOutput output{text(*answer, "QueueUrl")};
    if (output.queue_url.empty()) {
        return missing("GetQueueUrl", "QueueUrl");
    }
    return output;
}

Result<GetQueueAttributesOutput> parse_get_queue_attributes(std::string_view body) {
    const auto answer = load("GetQueueAttributes", body);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    GetQueueAttributesOutput output;
    const auto* attributes = answer->if_contains("Attributes");
    if (attributes != nullptr && attributes->is_object()) {
        for (const auto& [name, value] : attributes->get_object()) {
            if (value.is_string()) {
                output.attributes.emplace(name, value.get_string());
            }
        }
    }
    return output;
}

asio::awaitable<Result<ReceiveMessageOutput>> Sqs::receive_message(ReceiveMessageInput input,
                                                                   CallOptions options) {
    const auto response = co_await client_->call(build_receive_message(input), options);
    co_return response ? parse_receive_message(response->body) : std::unexpected(response.error());
}

asio::awaitable<Result<DeleteMessageBatchOutput>> Sqs::delete_message_batch(DeleteMessageBatchInput input,
                                                                            CallOptions options) {
    const auto response = co_await client_->call(build_delete_message_batch(input), options);
    co_return response ? parse_delete_message_batch(response->body) : std::unexpected(response.error());
}

asio::awaitable<Result<SendMessageOutput>> Sqs::send_message(SendMessageInput input, CallOptions options) {
    const auto response = co_await client_->call(build_send_message(input), options);
    co_return response ? parse_send_message(response->body) : std::unexpected(response.error());
}

asio::awaitable<Result<GetQueueUrlOutput>> Sqs::get_queue_url(GetQueueUrlInput input, CallOptions options) {
    const auto response = co_await client_->call(build_get_queue_url(input), options);
    co_return response ? parse_get_queue_url(response->body) : std::unexpected(response.error());
}

asio::awaitable<Result<GetQueueAttributesOutput>> Sqs::get_queue_attributes(GetQueueAttributesInput input,
                                                                            CallOptions options) {
    const auto response = co_await client_->call(build_get_queue_attributes(input), options);
    co_return response ? parse_get_queue_attributes(response->body) : std::unexpected(response.error());
}

}  // namespace aws
