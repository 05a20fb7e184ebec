#include "web/queued.hpp"

namespace web {

void Queued::add(QueuedCommand command) {
    if (order_.size() >= max_) {
        const auto oldest = by_uid_.extract(order_.front());
        order_.pop_front();
        const auto newest = newest_uid_.find(oldest.mapped().name);
        if (newest != newest_uid_.end() && newest->second == oldest.key()) {
            newest_uid_.erase(newest);
        }
    }
    order_.push_back(command.uid);
    newest_uid_[command.name] = command.uid;
    auto uid = command.uid;
    by_uid_.emplace(std::move(uid), std::move(command));
}

const QueuedCommand* Queued::find(const std::string& uid) const {
    const auto found = by_uid_.find(uid);
    return found == by_uid_.end() ? nullptr : &found->second;
}

const QueuedCommand* Queued::newest_of(const std::string& name) const {
    const auto found = newest_uid_.find(name);
    return found == newest_uid_.end() ? nullptr : find(found->second);
}

}  // namespace web
