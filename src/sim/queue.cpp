#include <boost/json/parse.hpp>
#include <limits>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "sim/ids.hpp"
#include "sim/queues.hpp"

namespace sim {

namespace {

const QueueAttributes defaults = {
    {"DelaySeconds", "0"},
    {"MaximumMessageSize", "1048576"},
    {"MessageRetentionPeriod", "345600"},
    {"ReceiveMessageWaitTimeSeconds", "0"},
    {"SqsManagedSseEnabled", "true"},
    {"VisibilityTimeout", "30"},
};

std::string epoch_seconds(base::Time time) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

/// A handle names its queue, message and receipt, so that one of another queue is told from an old one.
std::string make_handle(const std::string& queue, std::uint64_t number, std::uint64_t receipt) {
    return base::base64_encode(queue + "/" + std::to_string(number) + "/" + std::to_string(receipt));
}

}  // namespace

Queue::Queue(std::string name, QueueAttributes attributes, base::Time now)
    : name_(std::move(name)), given_(std::move(attributes)), created_(now), modified_(now) {}

base::Duration Queue::seconds(const std::string& attribute) const {
    const auto found = given_.find(attribute);
    const auto& text = found == given_.end() ? defaults.at(attribute) : found->second;
    return std::chrono::seconds{base::parse_number(text).value_or(0)};
}

void Queue::set(const QueueAttributes& attributes, base::Time now) {
    for (const auto& [name, value] : attributes) {
        given_[name] = value;
    }
    modified_ = now;
}

QueueAttributes Queue::describe(base::Time now) {
    forget_old(now);
    std::uint64_t visible = 0;
    std::uint64_t delayed = 0;
    for (const auto& [number, message] : messages_) {
        visible += message.visible <= now ? 1U : 0U;
        delayed += message.visible > now && message.delayed ? 1U : 0U;
    }
    auto all = defaults;
    for (const auto& [name, value] : given_) {
        all[name] = value;
    }
    all["ApproximateNumberOfMessages"] = std::to_string(visible);
    all["ApproximateNumberOfMessagesDelayed"] = std::to_string(delayed);
    all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(messages_.size() - visible - delayed);
    all["CreatedTimestamp"] = epoch_seconds(created_);
    all["LastModifiedTimestamp"] = epoch_seconds(modified_);
    return all;
}

std::string Queue::send(NewMessage message, base::Time now) {
    const auto delay = message.delay.value_or(seconds("DelaySeconds"));
    const auto id = uuid();
    put({.id = id,
         .body = std::move(message.body),
         .sender_id = std::move(message.sender_id),
         .attributes = std::move(message.attributes),
         .sent = now,
         .visible = now + delay,
         .first_received = {},
         .receive_count = 0,
         .receipt_handle = {},
         .delayed = delay.count() > 0});
    return id;
}

void Queue::put(Message message) {
    const auto number = next_number_++;
    order_.emplace(message.visible, number);
    messages_.emplace(number, std::move(message));
}

std::vector<Message> Queue::receive(std::size_t most, base::Duration visibility, base::Time now,
                                    std::vector<Message>* dead) {
    forget_old(now);
    std::vector<std::uint64_t> due;
    for (const auto& [visible, number] : order_) {
        if (visible > now || due.size() == most) {
            break;
        }
        due.push_back(number);
    }
    std::vector<Message> received;
    for (const auto number : due) {
        auto& message = messages_.at(number);
        if (message.receive_count >= receive_count_max()) {
            dead->push_back(message);
            erase(number);
            continue;
        }
        if (message.receive_count++ == 0) {
            message.first_received = now;
        }
        message.delayed = false;
        message.receipt_handle = make_handle(name_, number, message.receive_count);
        received.push_back(message);
        hide_until(number, now + visibility);
    }
    return received;
}

std::optional<base::Time> Queue::next_visible() const {
    if (order_.empty()) {
        return std::nullopt;
    }
    return order_.begin()->first;
}

Answer<void> Queue::remove(std::string_view receipt_handle) {
    const auto receipt = find(receipt_handle);
    if (!receipt) {
        return std::unexpected(receipt.error());
    }
    if (receipt->latest) {
        erase(receipt->number);
    }
    return {};
}

Answer<void> Queue::change_visibility(std::string_view receipt_handle, base::Duration visibility,
                                      base::Time now) {
    const auto receipt = find(receipt_handle);
    if (!receipt) {
        return std::unexpected(receipt.error());
    }
    if (!receipt->exists) {
        return refuse("InvalidParameterValue",
                      "Value " + std::string(receipt_handle) +
                          " for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                          "available for visibility timeout change.");
    }
    if (messages_.at(receipt->number).visible <= now || !receipt->latest) {
        return refuse("MessageNotInflight", "The message referred to is not in flight.");
    }
    hide_until(receipt->number, now + visibility);
    return {};
}

void Queue::purge() {
    messages_.clear();
    order_.clear();
}

Answer<Queue::Receipt> Queue::find(std::string_view receipt_handle) const {
    const auto text = base::base64_decode(receipt_handle);
    const auto parts = base::split(text ? std::string_view(*text) : std::string_view(), '/');
    if (parts.size() != 3 || parts[0] != name_) {
        return refuse("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    }
    const auto number = base::parse_number(parts[1]);
    if (!number) {
        return refuse("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    }
    const auto found = messages_.find(*number);
    const bool exists = found != messages_.end();
    return Receipt{.number = *number,
                   .latest = exists && found->second.receipt_handle == receipt_handle,
                   .exists = exists};
}

void Queue::hide_until(std::uint64_t number, base::Time visible) {
    auto& message = messages_.at(number);
    order_.erase({message.visible, number});
    message.visible = visible;
    order_.emplace(visible, number);
}

void Queue::erase(std::uint64_t number) {
    const auto found = messages_.find(number);
    order_.erase({found->second.visible, number});
    messages_.erase(found);
}

void Queue::forget_old(base::Time now) {
    const auto retention = seconds("MessageRetentionPeriod");
    while (!messages_.empty() && messages_.begin()->second.sent + retention <= now) {
        erase(messages_.begin()->first);
    }
}

std::uint64_t Queue::receive_count_max() const {
    static constexpr auto unlimited = std::numeric_limits<std::uint64_t>::max();
    const auto policy = given_.find("RedrivePolicy");
    if (policy == given_.end()) {
        return unlimited;
    }
    boost::json::error_code error;
    const auto value = boost::json::parse(policy->second, error);
    const auto* object = error ? nullptr : value.if_object();
    const auto* most = object == nullptr ? nullptr : object->if_contains("maxReceiveCount");
    if (most == nullptr) {
        return unlimited;
    }
    // Users write it as a number or as a string; SQS takes both.
    if (most->is_string()) {
        return base::parse_number(most->get_string()).value_or(unlimited);
    }
    return most->is_int64() && most->get_int64() > 0 ? static_cast<std::uint64_t>(most->get_int64())
                                                     : unlimited;
}

}  // namespace sim
