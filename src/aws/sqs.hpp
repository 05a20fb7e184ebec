#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"

/// Amazon SQS, in AWS JSON 1.0. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
namespace aws {

struct ReceiveMessageInput {
    std::string queue_url;
    int messages_max = 10;                     ///< 1 to 10
    base::Duration wait{20'000};               ///< 0 to 20 s; whole seconds
    std::optional<base::Duration> visibility;  ///< nothing: the queue's own
};

struct Message {
    std::string id;
    std::string receipt_handle;
    std::string body;
    std::string sender_id;           ///< `AIDA...`, or `AROA...:i-0abc` for a machine's role session
    std::optional<base::Time> sent;  ///< when SQS took it
    int receive_count = 0;           ///< this delivery included; 0 when SQS did not say
};

struct ReceiveMessageOutput {
    std::vector<Message> messages;
    /// Ids of messages whose body does not have the MD5 that SQS gave: left out, they will come again.
    std::vector<std::string> damaged;
};

struct DeleteEntry {
    std::string id;  ///< ours, distinct in the batch: up to 80 of `A-Za-z0-9_-`
    std::string receipt_handle;
};

struct DeleteMessageBatchInput {
    std::string queue_url;
    std::vector<DeleteEntry> entries;  ///< 1 to 10
};

struct DeleteFailure {
    std::string id;
    std::string code;
    std::string message;
    bool sender_fault = false;  ///< false: may be tried again
};

struct DeleteMessageBatchOutput {
    std::vector<std::string> deleted;
    std::vector<DeleteFailure> failed;
};

struct SendMessageInput {
    std::string queue_url;
    std::string body;
    std::optional<base::Duration> delay;  ///< up to 15 minutes; whole seconds
    bool repeatable = false;              ///< whoever receives it will know a second copy
};

struct SendMessageOutput {
    std::string message_id;
};

struct GetQueueUrlInput {
    std::string queue_name;
};

struct GetQueueUrlOutput {
    std::string queue_url;
};

struct GetQueueAttributesInput {
    std::string queue_url;
};

/// All attributes under AWS's own names, as text.
struct GetQueueAttributesOutput {
    std::map<std::string, std::string> attributes;
};

Call build_receive_message(const ReceiveMessageInput& input);
Call build_delete_message_batch(const DeleteMessageBatchInput& input);
Call build_send_message(const SendMessageInput& input);
Call build_get_queue_url(const GetQueueUrlInput& input);
Call build_get_queue_attributes(const GetQueueAttributesInput& input);

Result<ReceiveMessageOutput> parse_receive_message(std::string_view body);
Result<DeleteMessageBatchOutput> parse_delete_message_batch(std::string_view body);
Result<SendMessageOutput> parse_send_message(std::string_view body);
Result<GetQueueUrlOutput> parse_get_queue_url(std::string_view body);
Result<GetQueueAttributesOutput> parse_get_queue_attributes(std::string_view body);

/// The client must outlive it. SendMessage is not repeated after an unknown outcome: the queue would hold
/// two.
class Sqs {
  public:
    explicit Sqs(Client& client) : client_(&client) {}

    /// Long poll: the deadline must leave room for `wait`.
    boost::asio::awaitable<Result<ReceiveMessageOutput>> receive_message(ReceiveMessageInput input,
                                                                         CallOptions options);
    boost::asio::awaitable<Result<DeleteMessageBatchOutput>> delete_message_batch(
        DeleteMessageBatchInput input, CallOptions options);
    boost::asio::awaitable<Result<SendMessageOutput>> send_message(SendMessageInput input,
                                                                   CallOptions options);
    boost::asio::awaitable<Result<GetQueueUrlOutput>> get_queue_url(GetQueueUrlInput input,
                                                                    CallOptions options);
    boost::asio::awaitable<Result<GetQueueAttributesOutput>> get_queue_attributes(
        GetQueueAttributesInput input, CallOptions options);

  private:
    Client* client_;
};

}  // namespace aws
