#include "app/replay_world.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "fleet/life_cycle.hpp"

namespace app {
namespace {

fleet::Spec spec_of(const ManagedName& managed) {
    fleet::Spec spec;
    spec.name = managed.name;
    spec.image_id = "ami-replay";
    spec.instance_types = {"replay.any"};
    spec.subnet_ids = {"subnet-replay"};
    spec.security_group_ids = {"sg-replay"};
    // Recorded messages tell what became of a machine.
    spec.readiness.patience = std::chrono::years{100};
    spec.dns.private_ = fleet::DnsName{.name = managed.name + ".replay.invalid"};
    return spec;
}

}  // namespace

ReplayWorld::ReplayWorld(std::vector<ManagedName> managed) : managed_(std::move(managed)) {
    rules_.check = false;
    // A replay shows the whole history.
    policy_.history_max = std::numeric_limits<std::size_t>::max();
}

void ReplayWorld::begin(base::Time at) {
    now_ = at;
    for (const auto& managed : managed_) {
        auto step = fleet::begin(spec_of(managed), "replay-" + managed.name, {}, at, {}, at, policy_);
        ledger_.put(step.record);
        fleet::Reception reception(ledger_, rules_, policy_, now_);
        answer(reception, step.record, at);
        take(reception, at);
    }
}

void ReplayWorld::receive(const RecordedMessage& recorded) {
    now_ = recorded.received;
    fleet::Reception reception(ledger_, rules_, policy_, now_);
    reception.expire_unclaimed();
    const auto message = fleet::parse_message(recorded.body);
    base::Time at = recorded.sent;
    if (message) {
        at = message->time.value_or(recorded.sent);
        see_state(*message, at);
        adopt(reception, *message, at);
    }
    // The envelope's id is the message's place in the file: receipts that come later find their message by
    // it.
    const auto place = receipts_.size();
    receipts_.emplace_back();
    reception.receive(
        {.id = std::to_string(place), .body = recorded.body, .sender = {}, .sent = recorded.sent});
    take(reception, at);
}

void ReplayWorld::end() {
    now_ = base::Time::max();
    fleet::Reception reception(ledger_, rules_, policy_, now_);
    reception.expire_unclaimed();
    take(reception, now_);
}

std::vector<fleet::Receipt> ReplayWorld::receipts() const {
    return receipts_;
}

void ReplayWorld::take(fleet::Reception& reception, base::Time at) {
    // An answer may change records again; each round answers what the last one made pending.
    while (true) {
        auto effects = reception.take_effects();
        for (auto& receipt : effects.receipts) {
            receipts_.at(std::stoul(receipt.message)) = receipt;
        }
        if (effects.changed.empty()) {
            return;
        }
        for (const auto& record : effects.changed) {
            answer(reception, record, at);
        }
    }
}

void ReplayWorld::answer(fleet::Reception& reception, const fleet::Record& record, base::Time at) {
    for (const auto& action : fleet::pending(record, now_, policy_)) {
        if (action.kind == fleet::ActionKind::request_spot) {
            answer_request(reception, record.name(), action, at);
        } else if (action.kind == fleet::ActionKind::describe_machine) {
            if (const auto known = states_.find(action.id); known != states_.end()) {
                const auto& replayed = known->second;
                reception.tell(record.name(),
                               {replayed.lost.value_or(at),
                                fleet::MachineDescribed{action.id, replayed.latest.second, {}}});
            }
        }
    }
}

void ReplayWorld::answer_request(fleet::Reception& reception, const std::string& name,
                                 const fleet::Action& action, base::Time at) {
    const auto managed = std::ranges::find(managed_, name, &ManagedName::name);
    const auto index = static_cast<std::size_t>(action.generation - 1);
    if (managed != managed_.end() && index < managed->requests.size()) {
        reception.tell(name, {at, fleet::AttemptSending{action.generation, action.attempt}});
        reception.tell(
            name, {at, fleet::AttemptAnswered{action.generation, action.attempt, managed->requests[index]}});
    }
}

void ReplayWorld::see_state(const fleet::Message& message, base::Time at) {
    if (const auto* event = std::get_if<fleet::StateChangeEvent>(&message.body)) {
        auto& replayed = states_[event->machine];
        replayed.latest = std::max(replayed.latest, std::pair{at, event->state});
        if (event->state >= fleet::Ec2State::stopped) {
            replayed.lost = std::min(replayed.lost.value_or(at), at);
        }
    }
}

void ReplayWorld::adopt(fleet::Reception& reception, const fleet::Message& message, base::Time at) {
    const auto* event = std::get_if<fleet::FulfillmentEvent>(&message.body);
    if (!event || ledger_.name_of_request(event->request)) {
        return;
    }
    for (const auto& managed : managed_) {
        const auto found = std::ranges::find(managed.requests, event->request);
        if (found != managed.requests.end()) {
            const auto generation = static_cast<int>(found - managed.requests.begin()) + 1;
            reception.tell(managed.name, {at, fleet::Adopted{generation, event->request}});
        }
    }
}

}  // namespace app
