#include "manager/waiting.hpp"

#include <algorithm>

namespace manager {

void Waiting::put(const std::string& name, std::vector<Work> works) {
    Entries before;
    if (auto known = of_name_.extract(name)) {
        before = std::move(known.mapped());
    }
    for (const auto& [key, entry] : before) {
        const auto of_kind = by_kind_.find(entry.kind);
        of_kind->second.erase(entry.place);
        if (of_kind->second.empty()) {
            by_kind_.erase(of_kind);
        }
    }
    size_ -= before.size();
    for (auto& work : works) {
        const auto waited = before.find(work.action.key);
        const auto arrival = waited == before.end() ? ++arrivals_ : waited->second.place.second;
        const Place place{work.action.needed_by.value_or(base::Time::max()), arrival};
        if (of_name_[name].try_emplace(work.action.key, work.action.kind, place).second) {
            by_kind_[work.action.kind].emplace(place, std::move(work));
            ++size_;
        }
    }
}

const Work* Waiting::first(fleet::ActionKind kind) const {
    const auto of_kind = by_kind_.find(kind);
    return of_kind == by_kind_.end() ? nullptr : &of_kind->second.begin()->second;
}

Work Waiting::take(fleet::ActionKind kind) {
    const auto of_kind = by_kind_.find(kind);
    auto work = of_kind->second.extract(of_kind->second.begin()).mapped();
    if (of_kind->second.empty()) {
        by_kind_.erase(of_kind);
    }
    const auto of_name = of_name_.find(work.record->name());
    of_name->second.erase(work.action.key);
    if (of_name->second.empty()) {
        of_name_.erase(of_name);
    }
    --size_;
    return work;
}

std::vector<fleet::ActionKind> Waiting::kinds() const {
    std::vector<fleet::ActionKind> kinds;
    for (const auto& [kind, works] : by_kind_) {
        kinds.push_back(kind);
    }
    std::ranges::sort(kinds, {}, [&](auto kind) { return by_kind_.at(kind).begin()->first; });
    return kinds;
}

}  // namespace manager
