#include "aws/sqs.hpp"

#include "samples.hpp"

namespace {

const std::string queue = "https://sqs.us-east-1.amazonaws.com/123456789012/spot-events";

/// The body that was built, and the example's, as JSON; target and type of both must be the same.
void check_call(const aws::Call& call, const std::string& name) {
    INFO(name);
    const auto example = samples::request_example("sqs/" + name + ".request.txt");
    CHECK(samples::json(call.request.body) == samples::json(example.body));
    CHECK(call.request.method == example.method);
    CHECK(call.request.target == example.target);
    for (const auto* header : {"X-Amz-Target", "Content-Type"}) {
        CHECK(http::find_header(call.request.headers, header) ==
              base::trim(http::find_header(example.headers, header).value()));
    }
}

}  // namespace

TEST_CASE("sqs: calls are built as the examples are") {
    check_call(aws::build_get_queue_url({"spot-events"}), "GetQueueUrl");
    check_call(aws::build_get_queue_attributes({queue}), "GetQueueAttributes");
    check_call(
        aws::build_delete_message_batch(
            {queue, {{"m0", "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0aEXAMPLE+/a=="}, {"m1", "not-a-handle"}}}),
        "DeleteMessageBatch-partial");
}

TEST_CASE("sqs: a long poll says how long it may take") {
    aws::ReceiveMessageInput input;
    input.queue_url = queue;
    input.wait = std::chrono::seconds{20};
    input.visibility = std::chrono::seconds{60};
    const auto call = aws::build_receive_message(input);
    CHECK(call.server_time == std::chrono::seconds{20});
    CHECK(samples::json(call.request.body) ==
          samples::json(R"({"QueueUrl":")" + queue + R"(","MaxNumberOfMessages":10,"WaitTimeSeconds":20,
              "VisibilityTimeout":60,
              "MessageSystemAttributeNames":["SenderId","SentTimestamp","ApproximateReceiveCount"]})"));
}

TEST_CASE("sqs: a message is only sent twice when its receiver knows a second copy") {
    aws::SendMessageInput input;
    input.queue_url = queue;
    input.body = "{\"k\":\"v é\"}";
    input.delay = std::chrono::seconds{5};
    const auto call = aws::build_send_message(input);
    CHECK_FALSE(call.repeatable);
    CHECK(
        samples::json(call.request.body) ==
        samples::json(R"({"QueueUrl":")" + queue + R"(","MessageBody":"{\"k\":\"v é\"}","DelaySeconds":5})"));
    input.repeatable = true;
    CHECK(aws::build_send_message(input).repeatable);
}

TEST_CASE("sqs: answers are read as in the examples") {
    const auto received =
        aws::parse_receive_message(samples::example("sqs/ReceiveMessage-longpoll.response.json"));
    REQUIRE(received.has_value());
    REQUIRE(received->messages.size() == 1);
    const auto& message = received->messages.front();
    CHECK(message.id == "5fea7756-0ea4-451a-a703-a558b933e274");
    CHECK(message.receipt_handle == "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0aEXAMPLE+/a==");
    CHECK(message.receive_count == 1);
    CHECK(message.sent == base::Time(base::Duration(1768478399876)));
    CHECK(samples::json(message.body).at("detail").at("instance-id").as_string() == "i-0a1b2c3d4e5f60718");

    CHECK(aws::parse_receive_message(samples::example("sqs/ReceiveMessage-empty.response.json"))
              ->messages.empty());

    const auto deleted =
        aws::parse_delete_message_batch(samples::example("sqs/DeleteMessageBatch-partial.response.json"));
    REQUIRE(deleted.has_value());
    CHECK(deleted->deleted == std::vector<std::string>{"m0"});
    REQUIRE(deleted->failed.size() == 1);
    CHECK(deleted->failed.front().id == "m1");
    CHECK(deleted->failed.front().code == "ReceiptHandleIsInvalid");
    CHECK(deleted->failed.front().sender_fault);

    CHECK(aws::parse_send_message(samples::example("sqs/SendMessage.response.json"))->message_id ==
          "219f8380-5770-4cc2-8c3e-5c715e145f5e");
    CHECK(aws::parse_get_queue_url(samples::example("sqs/GetQueueUrl.response.json"))->queue_url == queue);
    const auto attributes =
        aws::parse_get_queue_attributes(samples::example("sqs/GetQueueAttributes.response.json"));
    REQUIRE(attributes.has_value());
    CHECK(attributes->attributes.at("VisibilityTimeout") == "30");
    CHECK(attributes->attributes.size() == 12);
}

TEST_CASE("sqs: a body that was damaged on the way is left out") {
    const auto received = aws::parse_receive_message(
        R"({"Messages":[{"MessageId":"a","ReceiptHandle":"r","Body":"x","MD5OfBody":"00"},
            {"MessageId":"b","ReceiptHandle":"r","Body":"x","MD5OfBody":"9DD4E461268C8034F5C8564E155C67A6"},
            {"MessageId":"c","ReceiptHandle":"r","Body":"x",
             "Attributes":{"SenderId":"AROA:i-0abc","SentTimestamp":"soon","ApproximateReceiveCount":-1}}]})");
    REQUIRE(received.has_value());
    CHECK(received->damaged == std::vector<std::string>{"a"});
    REQUIRE(received->messages.size() == 2);
    CHECK(received->messages[1].sender_id == "AROA:i-0abc");
    CHECK_FALSE(received->messages[1].sent);
    CHECK(received->messages[1].receive_count == 0);
}

TEST_CASE("sqs: an answer that cannot be read says what is missing") {
    const auto no_handle = aws::parse_receive_message(R"({"Messages":[{"MessageId":"a","Body":"x"}]})");
    REQUIRE_FALSE(no_handle.has_value());
    CHECK(no_handle.error().message == "ReceiveMessage: the answer has no ReceiptHandle in a message");
    CHECK(no_handle.error().outcome_unknown);
    CHECK_FALSE(aws::parse_receive_message("").has_value());
    CHECK_FALSE(aws::parse_receive_message("[]").has_value());
    CHECK_FALSE(aws::parse_receive_message(R"({"Messages":[1]})").has_value());
    CHECK_FALSE(aws::parse_send_message("{}").has_value());
    CHECK_FALSE(aws::parse_get_queue_url(R"({"QueueUrl":1})").has_value());
}
