#include "simulation/model_queue.hpp"

#include <algorithm>

namespace simulation {
namespace {

constexpr std::size_t messages_a_receive = 10;
constexpr Duration visibility_timeout = std::chrono::seconds{30};

}  // namespace

void ModelQueue::send(std::string body, std::string sender, Time now) {
    entries_.push_back({.envelope = {.id = "m-" + std::to_string(++next_id_),
                                     .body = std::move(body),
                                     .sender = std::move(sender),
                                     .sent = now},
                        .visible_from = now});
}

std::vector<fleet::Envelope> ModelQueue::receive(Chance& chance, Time now) {
    std::vector<Entry*> visible;
    for (auto& entry : entries_) {
        if (entry.visible_from <= now) {
            visible.push_back(&entry);
        }
    }
    std::vector<fleet::Envelope> received;
    while (!visible.empty() && received.size() < messages_a_receive) {
        const auto index = static_cast<std::ptrdiff_t>(chance.below(visible.size()));
        auto* entry = visible[static_cast<std::size_t>(index)];
        visible.erase(visible.begin() + index);
        entry->visible_from = now + visibility_timeout;
        ++entry->receives;
        received.push_back(entry->envelope);
    }
    return received;
}

void ModelQueue::remove(const std::string& id) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.envelope.id == id; });
}

}  // namespace simulation
