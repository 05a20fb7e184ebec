#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>

#include "base/hash.hpp"
#include "sim/message_attributes.hpp"
#include "sim/sqs_api.hpp"

namespace sim {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// What ReceiveMessage asks for.
struct Wanted {
    std::string queue;
    std::size_t most = 1;
    base::Duration wait{0};
    base::Duration visibility{0};
    std::vector<std::string> system_attributes;
    std::vector<std::string> attributes;
};

/// Hears of new messages for as long as it lives.
class Listener {
  public:
    Listener(Queues& queues, std::function<void()> callback)
        : queues_(queues), number_(queues.listen(std::move(callback))) {}
    ~Listener() { queues_.unlisten(number_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    Queues& queues_;
    std::uint64_t number_;
};

Answer<Wanted> read(const json::object& object, Queues& queues) {
    JsonReader in(object);
    Wanted wanted;
    wanted.queue = queue_name(in.required("QueueUrl"));
    wanted.most = static_cast<std::size_t>(in.number("MaxNumberOfMessages", 1, 10).value_or(1));
    const auto wait = in.number("WaitTimeSeconds", 0, 20);
    const auto visibility = in.number("VisibilityTimeout", 0, 43200);
    wanted.system_attributes = in.texts("MessageSystemAttributeNames");
    std::ranges::copy(in.texts("AttributeNames"), std::back_inserter(wanted.system_attributes));
    wanted.attributes = in.texts("MessageAttributeNames");
    if (in.fault()) {
        return std::unexpected(*in.fault());
    }
    const auto queue = queues.find(wanted.queue);
    if (!queue) {
        return std::unexpected(queue.error());
    }
    wanted.wait = wait ? std::chrono::seconds{*wait} : (*queue)->seconds("ReceiveMessageWaitTimeSeconds");
    wanted.visibility =
        visibility ? std::chrono::seconds{*visibility} : (*queue)->seconds("VisibilityTimeout");
    return wanted;
}

std::string epoch_milliseconds(base::Time time) {
    return std::to_string(time.time_since_epoch().count());
}

json::object write(const Message& message, const Wanted& wanted) {
    const json::object known = {
        {"SenderId", message.sender_id},
        {"SentTimestamp", epoch_milliseconds(message.sent)},
        {"ApproximateReceiveCount", std::to_string(message.receive_count)},
        {"ApproximateFirstReceiveTimestamp", epoch_milliseconds(message.first_received)},
    };
    json::object system;
    for (const auto& name : wanted.system_attributes) {
        for (const auto& [known_name, value] : known) {
            if (name == "All" || name == known_name) {
                system[known_name] = value;
            }
        }
    }
    json::object out = {{"MessageId", message.id},
                        {"ReceiptHandle", message.receipt_handle},
                        {"MD5OfBody", base::md5_hex(message.body)},
                        {"Body", message.body}};
    if (!system.empty()) {
        out["Attributes"] = std::move(system);
    }
    if (auto selected = select_attributes(message.attributes, wanted.attributes); !selected.empty()) {
        out["MD5OfMessageAttributes"] = attributes_md5(selected).value_or("");
        out["MessageAttributes"] = std::move(selected);
    }
    return out;
}

}  // namespace

asio::awaitable<Answer<json::object>> SqsApi::receive_message(Object in,
                                                              std::function<bool()> caller_is_there) {
    const auto wanted = read(in, queues_);
    if (!wanted) {
        co_return std::unexpected(wanted.error());
    }
    const auto deadline = timeline_.now() + wanted->wait;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const Listener listener(queues_, [&timer] { timer.cancel(); });
    for (;;) {
        // Messages given to a caller that has hung up would be hidden from everybody for a while.
        if (!caller_is_there()) {
            co_return Object{};
        }
        const auto messages = queues_.receive(wanted->queue, wanted->most, wanted->visibility);
        if (!messages) {
            co_return std::unexpected(messages.error());
        }
        if (!messages->empty() || timeline_.now() >= deadline) {
            Object out;
            if (!messages->empty()) {
                json::array array;
                for (const auto& message : *messages) {
                    array.emplace_back(write(message, *wanted));
                }
                out["Messages"] = std::move(array);
            }
            co_return out;
        }
        // A message may also become visible by itself.
        const auto queue = queues_.find(wanted->queue);
        const auto next = queue ? (*queue)->next_visible() : std::nullopt;
        timer.expires_after(std::min(deadline, next.value_or(deadline)) - timeline_.now());
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        timeline_.advance_to(clock_.now());
    }
}

}  // namespace sim
