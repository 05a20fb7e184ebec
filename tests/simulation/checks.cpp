#include "simulation/checks.hpp"

#include <algorithm>

#include "fleet/command.hpp"
#include "fleet/launch.hpp"
#include "fleet/status.hpp"
#include "simulation/messages.hpp"

namespace simulation {

using fleet::Side;

std::optional<std::string> dns_key(const fleet::Record& record, Side side) {
    const auto& name = record.dns_name(side);
    const auto& zone = record.dns(side).zone_id;
    return name && zone ? std::optional{*zone + "/" + name->name} : std::nullopt;
}

Checks::Checks(Stage& stage, World& world, MutatedLedger& ledger, const Wishes& wishes)
    : stage_(stage), world_(world), ledger_(ledger), wishes_(wishes) {
    ledger_.on_put = [this](const fleet::Record* before, const fleet::Record& after) {
        putting(before, after);
    };
}

void Checks::committed(const fleet::Effects& effects) {
    for (const auto& name : effects.erased) {
        see_erased(name);
    }
    for (const auto& record : effects.changed) {
        see_created(record);
        if (!ledger_.records().contains(record.name())) {
            see_erased(record.name());
        }
        see_growth(record);
        if (record.retirement && record.retirement->keep_machine && !kept_.contains(record.uid)) {
            const auto* serving = fleet::serving_launch(record);
            kept_[record.uid] = serving ? *serving->machine : "";
        }
    }
    see_secrets();
}

void Checks::see_created(const fleet::Record& record) {
    auto& uid = uids_[record.name()];
    if (uid != record.uid) {
        uid = record.uid;
        if (!created_.insert(uid).second) {
            stage_.violated("rule 1: registration " + uid + " is carried out twice");
        }
    }
}

/// Nothing of ours may be left, but for a machine that its user keeps.
void Checks::see_erased(const std::string& name) {
    const auto uid = uids_[name];
    uids_.erase(name);
    if (const auto wish = wishes_.find(uid); wish != wishes_.end()) {
        if (const auto left = what_is_left(wish->second)) {
            stage_.violated("retired: " + *left);
        }
    }
}

void Checks::see_growth(const fleet::Record& record) {
    if (record.launches.size() > 50 || record.retries.size() > 30 ||
        record.dns_private.superseded.size() > 20 || record.dns_public.superseded.size() > 20) {
        stage_.violated("a record grows");
    }
}

void Checks::see_secrets() {
    const auto& journal = ledger_.journal();
    for (; journal_seen_ < journal.size(); ++journal_seen_) {
        if (is_secret_in(journal[journal_seen_].text)) {
            stage_.violated("rule 10: a secret stands in the journal");
        }
    }
    const auto& rejected = ledger_.rejected();
    for (; rejected_seen_ < rejected.size(); ++rejected_seen_) {
        if (is_secret_in(rejected[rejected_seen_])) {
            stage_.violated("rule 10: a secret stands among the rejected messages");
        }
    }
}

bool Checks::is_secret_in(const std::string& text) const {
    return text.contains(store_key) || text.contains(user_secret) ||
           std::ranges::any_of(wishes_, [&](const auto& wish) {
               return text.contains(fleet::report_token(store_key, wish.first));
           });
}

void Checks::deleting_message(const fleet::Envelope& envelope) {
    const auto message = fleet::parse_message(envelope.body);
    const auto* command = message ? std::get_if<fleet::SignedCommand>(&message->body) : nullptr;
    if (command && !ledger_.command(command->uid)) {
        stage_.violated("rule 6: command " + command->uid + " leaves the queue before it is decided on");
    }
}

/// Durable state is what it was.
void Checks::crashed() {
    for (const auto& [uid, wish] : wishes_) {
        const auto outcome = ledger_.command(uid);
        const auto record = ledger_.records().find(wish.name);
        const bool is_there = record != ledger_.records().end() && record->second.uid == uid;
        if (outcome && is_carried_out(*outcome) && !is_there && !ledger_.is_gone(uid)) {
            stage_.violated("rule 1: registration " + uid + " of " + wish.name +
                            " was accepted, and is lost");
        }
    }
    for (const auto& [name, record] : ledger_.records()) {
        const auto read = base::from_json<fleet::Record>(base::to_json(record), base::UnknownKeys::ignore);
        if (!read || *read != record) {
            stage_.violated("a record is not read back as it was stored");
        }
    }
}

void Checks::sending_request(const std::string& name, int generation, int number) {
    const auto record = ledger_.records().find(name);
    if (record == ledger_.records().end()) {
        return stage_.violated("rule 2: an attempt of a name that is gone is sent");
    }
    auto known = record->second;
    auto* launch = fleet::find_by_generation(known, generation);
    const auto* attempt = launch ? fleet::find_attempt(*launch, number) : nullptr;
    if (!attempt || !attempt->sent || attempt->token != fleet::attempt_token(known.uid, generation, number)) {
        stage_.violated("rule 2: an attempt is sent before its parameters are durable");
    }
}

void Checks::requesting(const Tags& tags) {
    const auto wish = wishes_.find(tags.uid);
    const bool stops_first = wish != wishes_.end() && wish->second.stops_first();
    see_rest(tags);
    for (const auto& [id, other] : world_.ec2.requests) {
        if (other.tags.uid == tags.uid && other.tags.test == tags.test &&
            other.state == fleet::RequestState::open && !was_given_back(tags.uid, other.made)) {
            stage_.violated("rule " + std::string(other.tags.generation == tags.generation ? "2" : "5") +
                            ": " + tags.name + " asks for another machine while spot request " + id +
                            " is open");
        }
    }
    for (const auto& [id, machine] : world_.ec2.machines) {
        if (machine.tags.uid != tags.uid || !machine.is_ours() ||
            machine.state >= fleet::Ec2State::shutting_down) {
            continue;
        }
        if (machine.is_alive() && machine.tags.generation == tags.generation) {
            stage_.violated("rule 2: two attempts of a launch of " + tags.name + " are alive");
        } else if (tags.test || machine.tags.test) {
            continue;
        } else if (machine.is_alive() && !may_be_replaced(id)) {
            stage_.violated("rule 5: " + tags.name +
                            " asks for another machine though nothing is wrong with " + id);
        } else if (stops_first) {
            stage_.violated("rule 5: " + tags.name + " stops first, asks for another machine, and " + id +
                            " is there");
        }
    }
}

/// There is a reason, or it has not become ready in the time that its name grants.
bool Checks::may_be_replaced(const std::string& id) const {
    const auto& machine = world_.ec2.machines.at(id);
    const auto record = ledger_.records().find(machine.tags.name);
    const auto wish = wishes_.find(machine.tags.uid);
    if (machine.may_be_replaced || record == ledger_.records().end() || wish == wishes_.end()) {
        return machine.may_be_replaced;
    }
    if (was_ordered_away(machine.tags.uid, world_.ec2.asked_for(machine))) {
        return true;
    }
    auto known = record->second;
    const auto* launch = fleet::find_by_machine(known, id);
    // Nobody may have heard that it runs.
    const bool late = stage_.now() - machine.launched >= wish->second.patience();
    return launch && !launch->ready && late;
}

void Checks::described(const fleet::MachineDescribed& machine, Time asked) {
    described_[machine.machine] = {asked, machine.state, machine.addresses};
}

void Checks::sending_upsert(const std::string& machine, Side side, const std::string& address) {
    const auto found = world_.ec2.machines.find(machine);
    if (found != world_.ec2.machines.end() && found->second.tags.test) {
        stage_.violated("images: DNS is pointed at machine " + machine + " of a test");
    }
    const auto known = described_.find(machine);
    const bool as_described = known != described_.end() && stage_.now() - known->second.at <= 10s &&
                              known->second.state == fleet::Ec2State::running &&
                              (side == Side::private_ ? known->second.addresses.private_
                                                      : known->second.addresses.public_) == address;
    if (!as_described) {
        stage_.violated("rule 3: DNS is pointed at " + address +
                        ", which EC2 did not just give for machine " + machine);
    }
}

void Checks::ending(const std::string& id) {
    const auto found = world_.ec2.machines.find(id);
    if (found == world_.ec2.machines.end() || found->second.state >= fleet::Ec2State::shutting_down) {
        return;
    }
    const auto& machine = found->second;
    const auto wish = wishes_.find(machine.tags.uid);
    if (!machine.is_ours() || wish == wishes_.end()) {
        return stage_.violated("rule 7: machine " + id + " is not ours, and is ended");
    }
    const auto kept = kept_.find(machine.tags.uid);
    if (kept != kept_.end() && kept->second == id) {
        return stage_.violated("rule 7: machine " + id + " is ended, and its user keeps it");
    }
    if (wish->second.ever_stopped_first() ||
        was_given_back(machine.tags.uid, world_.ec2.asked_for(machine))) {
        return;
    }
    // Resolvers are not waited for when its user has said that the name is to go.
    const bool said_so = !wish->second.retired_by.empty();
    for (const auto& address : {machine.addresses.private_, machine.addresses.public_}) {
        if (address && world_.dns.resolves(*address, stage_.now(), !said_so)) {
            stage_.violated("rule 4: machine " + id + " is ended while DNS may point at it");
        }
    }
}

void Checks::upserting(const std::string& key) {
    const auto& writes = world_.dns.writes();
    const auto known = writes.find(key);
    const bool was_ours = known == writes.end() || std::ranges::any_of(known->second, &ModelWrite::ours);
    if (!was_ours) {
        stage_.violated("rule 8: another's record " + key + " is written over");
    }
}

void Checks::removing(const std::string& key) {
    if (const auto standing = world_.dns.standing(key); standing && !standing->ours) {
        stage_.violated("rule 8: another's record " + key + " is deleted");
    }
}

}  // namespace simulation
