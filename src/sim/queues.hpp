#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "sim/fault.hpp"
#include "sim/faults.hpp"
#include "sim/settings.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// A message as ReceiveMessage hands it out.
struct Message {
    std::string id;
    std::string body;
    std::string sender_id;
    boost::json::object attributes;  ///< MessageAttributes, as they were sent
    base::Time sent;
    base::Time visible;  ///< hidden until then
    base::Time first_received;
    std::uint64_t receive_count = 0;
    std::string receipt_handle;  ///< of the latest receipt
    bool delayed = false;        ///< hidden because of DelaySeconds, not because it is in flight
};

/// What a sender gives.
struct NewMessage {
    std::string body;
    std::string sender_id;
    boost::json::object attributes;
    std::optional<base::Duration> delay;  ///< empty: the queue's own
};

using QueueAttributes = std::map<std::string, std::string>;

/// A standard queue: at least once, any order (here usually the order of sending).
class Queue {
  public:
    Queue(std::string name, QueueAttributes attributes, base::Time now);

    const std::string& name() const { return name_; }
    base::Duration seconds(const std::string& attribute) const;

    /// Stores what was set by the user, over the defaults.
    void set(const QueueAttributes& attributes, base::Time now);
    const QueueAttributes& given() const { return given_; }

    /// Every attribute of GetQueueAttributes, but for QueueArn.
    QueueAttributes describe(base::Time now);

    std::string send(NewMessage message, base::Time now);
    void put(Message message);

    /// Up to `most` visible messages, hidden for `visibility`. Messages that were received too often already
    /// go to `dead`.
    std::vector<Message> receive(std::size_t most, base::Duration visibility, base::Time now,
                                 std::vector<Message>* dead);

    /// When a hidden message will be visible, if any is in the queue.
    std::optional<base::Time> next_visible() const;

    Answer<void> remove(std::string_view receipt_handle);
    Answer<void> change_visibility(std::string_view receipt_handle, base::Duration visibility,
                                   base::Time now);
    void purge();

  private:
    using Key = std::pair<base::Time, std::uint64_t>;  ///< when visible, number

    struct Receipt {
        std::uint64_t number = 0;
        bool latest = false;
        bool exists = false;
    };
    Answer<Receipt> find(std::string_view receipt_handle) const;
    void hide_until(std::uint64_t number, base::Time visible);
    void erase(std::uint64_t number);
    void forget_old(base::Time now);
    std::uint64_t receive_count_max() const;

    std::string name_;
    QueueAttributes given_;
    base::Time created_;
    base::Time modified_;
    std::uint64_t next_number_ = 1;
    std::map<std::uint64_t, Message> messages_;  ///< by number, that is in the order of sending
    std::set<Key> order_;
};

/// All queues of the account.
class Queues {
  public:
    Queues(Timeline& timeline, const Settings& settings, Faults& faults);

    Answer<Queue*> create(const std::string& name, const QueueAttributes& attributes);
    Answer<void> remove(const std::string& name);
    Answer<void> set(const std::string& name, const QueueAttributes& attributes);
    Answer<Queue*> find(std::string_view name);
    std::vector<std::string> names() const;
    std::string arn(std::string_view name) const;

    /// The message's id. Wakes whoever waits for messages.
    Answer<std::string> send(std::string_view name, NewMessage message);
    /// Faults of messages strike here, where AWS's own are seen: a standard queue delivers at least once, in
    /// any order, and a receive may bring fewer messages than there are.
    Answer<std::vector<Message>> receive(std::string_view name, std::size_t most, base::Duration visibility);
    Answer<void> change_visibility(std::string_view name, std::string_view receipt_handle,
                                   base::Duration visibility);

    /// Called whenever a queue may have become fuller; the number is for unlisten().
    std::uint64_t listen(std::function<void()> callback);
    void unlisten(std::uint64_t listener);

  private:
    void wake();
    void bury(const Queue& from, std::vector<Message> dead);

    Timeline& timeline_;
    const Settings& settings_;
    Faults& faults_;
    std::map<std::string, Queue, std::less<>> queues_;
    std::uint64_t next_listener_ = 1;
    std::map<std::uint64_t, std::function<void()>> listeners_;
};

/// The name in a queue's URL or ARN: what follows the last slash or colon.
std::string_view queue_name(std::string_view url);

}  // namespace sim
