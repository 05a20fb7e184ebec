#include "sim/queues.hpp"

#include <boost/json/parse.hpp>

#include "base/text.hpp"

namespace sim {

namespace {

Fault no_such_queue() {
    return {.code = "QueueDoesNotExist", .message = "The specified queue does not exist."};
}

bool valid_name(std::string_view name) {
    if (name.ends_with(".fifo")) {
        name.remove_suffix(5);
    }
    const auto valid = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= 80 && std::ranges::all_of(name, valid);
}

/// Allowed values of the attributes that are numbers.
struct Range {
    std::string_view name;
    std::uint64_t least;
    std::uint64_t most;
};
constexpr Range ranges[] = {
    {"DelaySeconds", 0, 900},
    {"MaximumMessageSize", 1024, 1048576},
    {"MessageRetentionPeriod", 60, 1209600},
    {"ReceiveMessageWaitTimeSeconds", 0, 20},
    {"VisibilityTimeout", 0, 43200},
};
constexpr std::string_view free_texts[] = {
    "Policy",
    "RedrivePolicy",
    "FifoQueue",
    "ContentBasedDeduplication",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
};

Answer<void> check(const QueueAttributes& attributes) {
    for (const auto& [name, value] : attributes) {
        if (std::ranges::find(free_texts, name) != std::end(free_texts)) {
            continue;
        }
        const auto* const range = std::ranges::find(ranges, name, &Range::name);
        if (range == std::end(ranges)) {
            return refuse("InvalidAttributeName", "Unknown Attribute " + name + ".");
        }
        const auto number = base::parse_number(value);
        if (!number || *number < range->least || *number > range->most) {
            return refuse("InvalidAttributeValue", "Invalid value for the parameter " + name + ".");
        }
    }
    return {};
}

}  // namespace

Queues::Queues(Timeline& timeline, const Settings& settings, Faults& faults)
    : timeline_(timeline), settings_(settings), faults_(faults) {}

Answer<Queue*> Queues::create(const std::string& name, const QueueAttributes& attributes) {
    if (!valid_name(name)) {
        return refuse("InvalidParameterValue",
                      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    }
    if (const auto checked = check(attributes); !checked) {
        return std::unexpected(checked.error());
    }
    const auto [at, made] = queues_.try_emplace(name, name, attributes, timeline_.now());
    auto& queue = at->second;
    if (!made) {
        const auto now = queue.describe(timeline_.now());
        for (const auto& [attribute, value] : attributes) {
            const auto found = now.find(attribute);
            if (found == now.end() || found->second != value) {
                return refuse(
                    "QueueNameExists",
                    "A queue already exists with the same name and a different value for attribute " +
                        attribute);
            }
        }
    }
    return &queue;
}

Answer<void> Queues::remove(const std::string& name) {
    if (queues_.erase(name) == 0) {
        return std::unexpected(no_such_queue());
    }
    wake();
    return {};
}

Answer<void> Queues::set(const std::string& name, const QueueAttributes& attributes) {
    const auto queue = find(name);
    if (!queue) {
        return std::unexpected(queue.error());
    }
    if (const auto checked = check(attributes); !checked) {
        return checked;
    }
    (*queue)->set(attributes, timeline_.now());
    return {};
}

Answer<Queue*> Queues::find(std::string_view name) {
    const auto found = queues_.find(name);
    if (found == queues_.end()) {
        return std::unexpected(no_such_queue());
    }
    return &found->second;
}

std::vector<std::string> Queues::names() const {
    std::vector<std::string> names;
    for (const auto& [name, queue] : queues_) {
        names.push_back(name);
    }
    return names;
}

std::string Queues::arn(std::string_view name) const {
    return "arn:aws:sqs:" + settings_.region + ":" + settings_.account + ":" + std::string(name);
}

Answer<std::string> Queues::send(std::string_view name, NewMessage message) {
    const auto queue = find(name);
    if (!queue) {
        return std::unexpected(queue.error());
    }
    auto id = (*queue)->send(std::move(message), timeline_.now());
    wake();
    return id;
}

Answer<std::vector<Message>> Queues::receive(std::string_view name, std::size_t most,
                                             base::Duration visibility) {
    const auto queue = find(name);
    if (!queue) {
        return std::unexpected(queue.error());
    }
    const auto strike = faults_.strike("sqs", "ReceiveMessage",
                                       {FaultKind::short_batch, FaultKind::reorder, FaultKind::duplicate});
    if (strike && strike->kind == FaultKind::short_batch) {
        most = 1 + faults_.draw(most);
    }
    std::vector<Message> dead;
    auto received = (*queue)->receive(most, visibility, timeline_.now(), &dead);
    if (!dead.empty()) {
        bury(**queue, std::move(dead));
    }
    if (strike && strike->kind == FaultKind::reorder) {
        for (std::size_t left = received.size(); left > 1; --left) {
            std::swap(received[left - 1], received[faults_.draw(left)]);
        }
    }
    if (strike && strike->kind == FaultKind::duplicate && !received.empty()) {
        // A copy that was out of reach of a deletion: it may be received once more.
        auto copy = received[faults_.draw(received.size())];
        copy.visible = timeline_.now() + strike->by;
        (*queue)->put(std::move(copy));
        wake();
    }
    return received;
}

void Queues::bury(const Queue& from, std::vector<Message> dead) {
    const auto policy = boost::json::parse(from.given().at("RedrivePolicy"));
    const auto* target = policy.as_object().if_contains("deadLetterTargetArn");
    const auto dead_letters = target != nullptr && target->is_string()
                                  ? find(queue_name(target->get_string()))
                                  : std::unexpected(no_such_queue());
    for (auto& message : dead) {
        if (dead_letters) {
            message.receive_count = 0;
            message.visible = timeline_.now();
            (*dead_letters)->put(std::move(message));
        }
    }
    wake();
}

Answer<void> Queues::change_visibility(std::string_view name, std::string_view receipt_handle,
                                       base::Duration visibility) {
    const auto queue = find(name);
    if (!queue) {
        return std::unexpected(queue.error());
    }
    auto changed = (*queue)->change_visibility(receipt_handle, visibility, timeline_.now());
    wake();
    return changed;
}

std::uint64_t Queues::listen(std::function<void()> callback) {
    listeners_.emplace(next_listener_, std::move(callback));
    return next_listener_++;
}

void Queues::unlisten(std::uint64_t listener) {
    listeners_.erase(listener);
}

void Queues::wake() {
    for (const auto& [number, callback] : listeners_) {
        callback();
    }
}

std::string_view queue_name(std::string_view url) {
    const auto at = url.find_last_of("/:");
    return at == std::string_view::npos ? url : url.substr(at + 1);
}

}  // namespace sim
