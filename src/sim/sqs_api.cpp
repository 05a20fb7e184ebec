#include "sim/sqs_api.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/message_attributes.hpp"

namespace sim {

namespace json = boost::json;

namespace {

Answer<json::object> done(const Answer<void>& answer) {
    if (!answer) {
        return std::unexpected(answer.error());
    }
    return json::object{};
}

bool valid_entry_id(std::string_view id) {
    return !id.empty() && id.size() <= 80 && std::ranges::all_of(id, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
               c == '_';
    });
}

constexpr long visibility_max = 43200;
constexpr std::size_t batch_max = 10;
constexpr std::size_t batch_bytes_max = 1024UL * 1024;

}  // namespace

SqsApi::SqsApi(Timeline& timeline, const base::Clock& clock, const Settings& settings, Queues& queues,
               const std::string& base_url)
    : timeline_(timeline), clock_(clock), settings_(settings), queues_(queues), base_url_(base_url) {}

boost::asio::awaitable<http::Response> SqsApi::answer(Call call) {
    const auto operation = operation_of(call.request);
    Answer<Object> answer = refuse("SerializationException", "The body of the request is not a JSON object.");
    // Named, since the reader of its members refers to it.
    const auto body =
        base::parse_json(call.request.body.empty() ? "{}" : std::string_view(call.request.body));
    if (body && body->is_object()) {
        if (operation == "ReceiveMessage") {
            answer = co_await receive_message(body->get_object(), call.caller_is_there);
        } else {
            JsonReader in(body->get_object());
            answer = dispatch(operation, in, call.principal);
        }
    }
    if (!answer) {
        co_return write_fault(Service::sqs, answer.error(), call.request_id, call.request);
    }
    http::Response response{
        .status = 200,
        .headers = {{"Content-Type", "application/x-amz-json-1.0"}, {"x-amzn-RequestId", call.request_id}},
        .body = {}};
    // Operations without output answer with an empty body; an empty receipt is an object.
    if (!answer->empty() || operation == "ReceiveMessage" || operation == "ListQueues") {
        response.body = json::serialize(*answer);
    }
    co_return response;
}

Answer<json::object> SqsApi::dispatch(const std::string& operation, JsonReader& in, const Principal& sender) {
    struct Route {
        std::string_view operation;
        Answer<Object> (SqsApi::*handler)(JsonReader&, const Principal&);
    };
    static constexpr Route routes[] = {
        {"ChangeMessageVisibility", &SqsApi::change_visibility},
        {"ChangeMessageVisibilityBatch", &SqsApi::change_visibility_batch},
        {"CreateQueue", &SqsApi::create_queue},
        {"DeleteMessage", &SqsApi::delete_message},
        {"DeleteMessageBatch", &SqsApi::delete_message_batch},
        {"DeleteQueue", &SqsApi::delete_queue},
        {"GetQueueAttributes", &SqsApi::get_queue_attributes},
        {"GetQueueUrl", &SqsApi::get_queue_url},
        {"ListQueues", &SqsApi::list_queues},
        {"PurgeQueue", &SqsApi::purge_queue},
        {"SendMessage", &SqsApi::send_message},
        {"SendMessageBatch", &SqsApi::send_message_batch},
        {"SetQueueAttributes", &SqsApi::set_queue_attributes},
    };
    const auto* const route = std::ranges::find(routes, operation, &Route::operation);
    if (route == std::end(routes)) {
        return refuse("UnknownOperationException", "The operation " + operation + " is not known.");
    }
    auto answer = (this->*route->handler)(in, sender);
    // A handler that met a wrong parameter may have gone on; the parameter is what is told.
    if (in.fault()) {
        return std::unexpected(*in.fault());
    }
    return answer;
}

Answer<json::object> SqsApi::create_queue(JsonReader& in, const Principal& /*sender*/) {
    const auto name = in.required("QueueName");
    const auto attributes = in.text_map("Attributes");
    if (in.fault()) {
        return std::unexpected(*in.fault());
    }
    if (const auto made = queues_.create(name, attributes); !made) {
        return std::unexpected(made.error());
    }
    return Object{{"QueueUrl", url(name)}};
}

Answer<json::object> SqsApi::delete_queue(JsonReader& in, const Principal& /*sender*/) {
    return done(queues_.remove(std::string(queue_name(in.required("QueueUrl")))));
}

Answer<json::object> SqsApi::list_queues(JsonReader& in, const Principal& /*sender*/) {
    const auto prefix = in.text("QueueNamePrefix");
    json::array urls;
    for (const auto& name : queues_.names()) {
        if (name.starts_with(prefix)) {
            urls.emplace_back(url(name));
        }
    }
    return urls.empty() ? Object{} : Object{{"QueueUrls", std::move(urls)}};
}

Answer<json::object> SqsApi::get_queue_url(JsonReader& in, const Principal& /*sender*/) {
    const auto name = in.required("QueueName");
    const auto owner = in.text("QueueOwnerAWSAccountId");
    const auto queue = queues_.find(owner.empty() || owner == settings_.account ? name : std::string());
    if (!queue) {
        return std::unexpected(queue.error());
    }
    return Object{{"QueueUrl", url(name)}};
}

Answer<json::object> SqsApi::get_queue_attributes(JsonReader& in, const Principal& /*sender*/) {
    const auto queue_url = in.required("QueueUrl");
    const auto name = queue_name(queue_url);
    const auto wanted = in.texts("AttributeNames");
    const auto queue = queues_.find(name);
    if (!queue) {
        return std::unexpected(queue.error());
    }
    auto all = (*queue)->describe(timeline_.now());
    all["QueueArn"] = queues_.arn(name);
    Object attributes;
    for (const auto& [attribute, value] : all) {
        if (std::ranges::find(wanted, attribute) != wanted.end() ||
            std::ranges::find(wanted, "All") != wanted.end()) {
            attributes[attribute] = value;
        }
    }
    return attributes.empty() ? Object{} : Object{{"Attributes", std::move(attributes)}};
}

Answer<json::object> SqsApi::set_queue_attributes(JsonReader& in, const Principal& /*sender*/) {
    const auto queue_url = in.required("QueueUrl");
    return done(queues_.set(std::string(queue_name(queue_url)), in.text_map("Attributes")));
}

Answer<json::object> SqsApi::send_message(JsonReader& in, const Principal& sender) {
    const auto queue_url = in.required("QueueUrl");
    return send_one(std::string(queue_name(queue_url)), in, sender);
}

Answer<json::object> SqsApi::send_message_batch(JsonReader& in, const Principal& sender) {
    const auto queue_url = in.required("QueueUrl");
    const auto name = std::string(queue_name(queue_url));
    if (const auto queue = queues_.find(name); !queue) {
        return std::unexpected(queue.error());
    }
    std::size_t bytes = 0;
    for (const auto& entry : in.objects("Entries")) {
        JsonReader reader(entry);
        bytes += reader.text("MessageBody").size();
    }
    if (bytes > batch_bytes_max) {
        return refuse("BatchRequestTooLong",
                      "Batch requests cannot be longer than 1048576 bytes. You have sent " +
                          std::to_string(bytes) + " bytes.");
    }
    return batch(in, [&](JsonReader& entry) { return send_one(name, entry, sender); });
}

Answer<json::object> SqsApi::send_one(const std::string& queue, JsonReader& in, const Principal& sender) {
    auto body = in.required("MessageBody");
    const auto delay = in.number("DelaySeconds", 0, 900);
    auto attributes = in.object("MessageAttributes");
    const auto checksum = attributes_md5(attributes);
    const auto target = queues_.find(queue);
    if (!target || !checksum) {
        return std::unexpected(!target ? target.error() : checksum.error());
    }
    if (in.fault()) {
        return std::unexpected(*in.fault());
    }
    const auto limit = (*target)->describe(timeline_.now()).at("MaximumMessageSize");
    if (body.size() > base::parse_number(limit)) {
        return refuse(
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than " + limit + " bytes.");
    }
    if (!valid_message_body(body)) {
        return refuse("InvalidMessageContents",
                      "Invalid characters found. Valid unicode characters are #x9 | #xA | "
                      "#xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
    }
    Object out{{"MD5OfMessageBody", base::md5_hex(body)}};
    if (!checksum->empty()) {
        out["MD5OfMessageAttributes"] = *checksum;
    }
    std::optional<base::Duration> wait;
    if (delay) {
        wait = std::chrono::seconds{*delay};
    }
    const auto id = queues_.send(queue, {.body = std::move(body),
                                         .sender_id = sender.user_id,
                                         .attributes = std::move(attributes),
                                         .delay = wait});
    if (!id) {
        return std::unexpected(id.error());
    }
    out["MessageId"] = *id;
    return out;
}

Answer<json::object> SqsApi::delete_message(JsonReader& in, const Principal& /*sender*/) {
    const auto queue_url = in.required("QueueUrl");
    const auto queue = queues_.find(queue_name(queue_url));
    if (!queue) {
        return std::unexpected(queue.error());
    }
    return done((*queue)->remove(in.required("ReceiptHandle")));
}

Answer<json::object> SqsApi::delete_message_batch(JsonReader& in, const Principal& /*sender*/) {
    const auto queue_url = in.required("QueueUrl");
    const auto queue = queues_.find(queue_name(queue_url));
    if (!queue) {
        return std::unexpected(queue.error());
    }
    return batch(in,
                 [&](JsonReader& entry) { return done((*queue)->remove(entry.required("ReceiptHandle"))); });
}

Answer<json::object> SqsApi::change_visibility(JsonReader& in, const Principal& /*sender*/) {
    const auto queue_url = in.required("QueueUrl");
    const auto handle = in.required("ReceiptHandle");
    const auto timeout = in.number("VisibilityTimeout", 0, visibility_max);
    if (!timeout) {
        in.refuse("MissingParameter", "The request must contain the parameter VisibilityTimeout.");
    }
    if (in.fault()) {
        return std::unexpected(*in.fault());
    }
    return done(queues_.change_visibility(queue_name(queue_url), handle, std::chrono::seconds{*timeout}));
}

Answer<json::object> SqsApi::change_visibility_batch(JsonReader& in, const Principal& /*sender*/) {
    const auto queue_url = in.required("QueueUrl");
    if (const auto queue = queues_.find(queue_name(queue_url)); !queue) {
        return std::unexpected(queue.error());
    }
    return batch(in, [&](JsonReader& entry) {
        const auto handle = entry.required("ReceiptHandle");
        const auto timeout = entry.number("VisibilityTimeout", 0, visibility_max).value_or(0);
        return done(queues_.change_visibility(queue_name(queue_url), handle, std::chrono::seconds{timeout}));
    });
}

Answer<json::object> SqsApi::purge_queue(JsonReader& in, const Principal& /*sender*/) {
    const auto queue_url = in.required("QueueUrl");
    const auto queue = queues_.find(queue_name(queue_url));
    if (!queue) {
        return std::unexpected(queue.error());
    }
    (*queue)->purge();
    return Object{};
}

Answer<json::object> SqsApi::batch(JsonReader& in,
                                   const std::function<Answer<Object>(JsonReader&)>& one) const {
    const auto entries = in.objects("Entries");
    if (entries.empty()) {
        return refuse("EmptyBatchRequest", "There should be at least one entry in the request.");
    }
    if (entries.size() > batch_max) {
        return refuse("TooManyEntriesInBatchRequest",
                      "Maximum number of entries per request are 10. You have sent " +
                          std::to_string(entries.size()) + ".");
    }
    std::set<std::string> ids;
    for (const auto& entry : entries) {
        JsonReader reader(entry);
        const auto id = reader.text("Id");
        if (!valid_entry_id(id)) {
            return refuse("InvalidBatchEntryId",
                          "A batch entry id can only contain alphanumeric characters, hyphens "
                          "and underscores. It can be at most 80 letters long.");
        }
        if (!ids.insert(id).second) {
            return refuse("BatchEntryIdsNotDistinct", "Id " + id + " repeated.");
        }
    }
    json::array successful;
    json::array failed;
    for (const auto& entry : entries) {
        JsonReader reader(entry);
        auto answer = one(reader);
        if (reader.fault()) {
            answer = std::unexpected(*reader.fault());
        }
        if (answer) {
            (*answer)["Id"] = entry.at("Id");
            successful.emplace_back(std::move(*answer));
        } else {
            failed.emplace_back(Object{{"Id", entry.at("Id")},
                                       {"Code", answer.error().code},
                                       {"Message", answer.error().message},
                                       {"SenderFault", true}});
        }
    }
    Object out;
    if (!successful.empty()) {
        out["Successful"] = std::move(successful);
    }
    if (!failed.empty()) {
        out["Failed"] = std::move(failed);
    }
    return out;
}

std::string SqsApi::url(const std::string& queue) const {
    return base_url_ + "/" + settings_.account + "/" + queue;
}

}  // namespace sim
