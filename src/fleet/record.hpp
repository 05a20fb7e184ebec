#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "fleet/image.hpp"
#include "fleet/spec.hpp"

/// The record of one managed instance: what it should be, and every fact learned about its launches. States
/// are derived from it (status.hpp), actions too (pending.hpp); neither is stored.
namespace fleet {

using base::Duration;
using base::Time;

/// In the order in which a machine can go through them: a fact never takes a machine back.
enum class Ec2State { unknown, pending, running, stopping, stopped, shutting_down, terminated };
BOOST_DESCRIBE_ENUM(Ec2State, unknown, pending, running, stopping, stopped, shutting_down, terminated)

/// EC2's own states of a spot request; `unknown` until it was described.
enum class RequestState { unknown, open, active, closed, cancelled, failed };
BOOST_DESCRIBE_ENUM(RequestState, unknown, open, active, closed, cancelled, failed)

enum class Intent { running, paused, retired };
BOOST_DESCRIBE_ENUM(Intent, running, paused, retired)

enum class Market { spot, on_demand };
BOOST_DESCRIBE_ENUM(Market, spot, on_demand)

/// Why a launch was started, or is to be replaced.
enum class Reason {
    registered,
    lost,
    notice,            ///< AWS will take the machine
    rebalance,         ///< AWS recommends it
    scheduled_change,  ///< AWS will stop or retire the machine some day
    impaired,          ///< EC2's status checks fail
    unwell,            ///< the probe fails
    not_ready,         ///< the machine ran for its spec's patience and did not become ready
    asked,             ///< by its user
    spec_changed,
    resumed,
    back_to_spot,
    adopted,
    image_test,  ///< of an image, beside what serves
};
BOOST_DESCRIBE_ENUM(Reason, registered, lost, notice, rebalance, scheduled_change, impaired, unwell,
                    not_ready, asked, spec_changed, resumed, back_to_spot, adopted, image_test)

/// The two sides on which a managed instance can have a DNS name.
enum class Side { private_, public_ };
BOOST_DESCRIBE_ENUM(Side, private_, public_)

/// Where capacity comes from. The subnet stands for its availability zone.
struct Pool {
    std::string instance_type;
    std::string subnet_id;
    Market market = Market::spot;

    auto operator<=>(const Pool&) const = default;
};
BOOST_DESCRIBE_STRUCT(Pool, (), (instance_type, subnet_id, market))

/// What is known of a pool, shared by all names.
struct PoolHealth {
    Pool pool;
    int failures = 0;                 ///< in a row: it had no capacity, or gave a notice
    std::optional<Time> avoid_until;  ///< not chosen before, where there is another
    std::string why = {};             ///< it is avoided

    bool operator==(const PoolHealth&) const = default;
};
BOOST_DESCRIBE_STRUCT(PoolHealth, (), (pool, failures, avoid_until, why))

/// How a machine is asked for: by a spot request, which may stay open, or by an instant fleet, which gives
/// one at once or not at all.
enum class Asking { request, fleet };
BOOST_DESCRIBE_ENUM(Asking, request, fleet)

/// What EC2 takes fleets' machines from; made once for a name, with a version for a revision of its spec.
struct LaunchTemplate {
    std::string id;
    std::int64_t version = 0;
    std::int64_t revision = 0;  ///< of the spec that the version was made for

    bool operator==(const LaunchTemplate&) const = default;
};
BOOST_DESCRIBE_STRUCT(LaunchTemplate, (), (id, version, revision))

/// One call that asks EC2 for a machine. Its parameters are fixed before the first send.
struct Attempt {
    int number = 1;
    std::string token;  ///< EC2's client token: a hash of uid, generation and number
    Asking by = Asking::request;
    Pool pool;                ///< of a fleet the first of `pools`, until one of them gave the machine
    std::vector<Pool> pools;  ///< a fleet may take the machine from
    std::string left_out;     ///< which pools were not asked, and why
    std::string why;          ///< it asks on-demand
    std::string image_id;
    bool public_ip = true;  ///< its machine gets a public address, if its spec says so
    std::optional<std::string> max_price;
    Time valid_until;
    std::int64_t spec_revision = 1;
    Time chosen;

    std::optional<Time> sent;  ///< durable before the call: it may have been taken since then
    int sends = 0;
    std::optional<Time> not_found;       ///< looked for after it was sent, and EC2 did not know it
    std::optional<std::string> refused;  ///< why, by a later send: an earlier one may have been taken
    std::optional<Time> answered;        ///< EC2 accepted it
    std::optional<std::string> fleet;
    std::optional<std::string> request;  ///< of a fleet: once EC2 has described its machine
    RequestState request_state = RequestState::unknown;
    std::string status;  ///< EC2's status code of the spot request and its message, as last seen
    std::optional<Time> cancel_sent;
    std::optional<Time> cancelled;       ///< EC2 answered the cancel; a fulfilment may still have won
    std::optional<Time> closed;          ///< known to have no machine, now and for ever
    std::optional<std::string> surplus;  ///< a machine that came all the same, and is to be ended
    std::optional<Time> surplus_ended;

    bool operator==(const Attempt&) const = default;
};
BOOST_DESCRIBE_STRUCT(Attempt, (),
                      (number, token, by, pool, pools, left_out, why, image_id, public_ip, max_price,
                       valid_until, spec_revision, chosen, sent, sends, not_found, refused, answered, fleet,
                       request, request_state, status, cancel_sent, cancelled, closed, surplus,
                       surplus_ended))

/// A machine's addresses, as EC2 or a message gave them.
struct Addresses {
    std::optional<std::string> private_;
    std::optional<std::string> public_;

    bool operator==(const Addresses&) const = default;
};
BOOST_DESCRIBE_STRUCT(Addresses, (), (private_, public_))

enum class ReportKind { booted, legacy };
BOOST_DESCRIBE_ENUM(ReportKind, booted, legacy)

/// A machine's own word that it has booted. What it claims of its addresses is shown, never used.
struct Report {
    ReportKind kind = ReportKind::booted;
    Time at;
    Addresses claimed;

    bool operator==(const Report&) const = default;
};
BOOST_DESCRIBE_STRUCT(Report, (), (kind, at, claimed))

/// AWS's word that it will take the machine.
struct Notice {
    std::string action;  ///< terminate, stop or hibernate
    Time seen;
    Time terminate_by;

    bool operator==(const Notice&) const = default;
};
BOOST_DESCRIBE_STRUCT(Notice, (), (action, seen, terminate_by))

/// Something said that EC2 must confirm before it is acted on.
struct Claim {
    Ec2State state = Ec2State::unknown;
    Time at;

    bool operator==(const Claim&) const = default;
};
BOOST_DESCRIBE_STRUCT(Claim, (), (state, at))

/// A launch is to be replaced.
struct Demand {
    Reason reason = Reason::asked;
    Time at;
    std::string text;            ///< a sentence
    std::string waits_for = {};  ///< why its turn has not come; empty: it does not wait

    bool operator==(const Demand&) const = default;
};
BOOST_DESCRIBE_STRUCT(Demand, (), (reason, at, text, waits_for))

/// What AWS has planned for the machine.
struct Maintenance {
    std::string code;  ///< AWS's: `system-reboot`, `AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED`
    Time seen;
    std::optional<Time> begins;

    bool operator==(const Maintenance&) const = default;
};
BOOST_DESCRIBE_STRUCT(Maintenance, (), (code, seen, begins))

/// Giving a managed instance a machine. Facts with their times, each learned once and never unlearned.
struct Launch {
    int generation = 1;
    Time started;
    Reason reason = Reason::registered;
    std::string why;  ///< a sentence
    std::vector<Attempt> attempts;

    std::optional<std::string> machine;
    std::optional<Time> given;  ///< the machine was first known
    Ec2State ec2_state = Ec2State::unknown;
    std::optional<Time> running;    ///< first known to be running
    std::optional<Claim> claim;     ///< a loss that a message tells of and EC2 has not confirmed yet
    std::optional<Time> described;  ///< EC2's newest answer about the machine
    Addresses addresses;            ///< as EC2 gave them in that answer
    int absences = 0;               ///< complete sweeps in a row that did not show the machine
    std::optional<Time> tagged;
    std::optional<Report> report;
    std::optional<Time> probed;  ///< the probe passed
    std::optional<Time> ready;
    std::optional<Notice> notice;
    std::optional<Time> rebalance;           ///< AWS recommended to replace it
    std::optional<Maintenance> maintenance;  ///< the first that was told of
    std::optional<Time> impaired;            ///< EC2's status checks fail since then
    std::optional<Time> unwell;              ///< the probe of the machine, which was ready, fails since then
    std::optional<Demand> demand;            ///< it is to be replaced, when there is a place for it
    std::optional<Time> published;           ///< Route53 had accepted it under every DNS name, the first time
    std::optional<Time> in_sync;             ///< and all its servers answered so
    std::optional<std::string> abandoned;    ///< why its machine, if it gets one, is to be ended
    std::optional<Time> let_go;              ///< its user gave it up: it is ended without waiting for DNS
    std::optional<Time> lost;        ///< the machine is gone: shutting down, stopped, terminated or absent
    std::string loss;                ///< why, as far as EC2 says; a clause
    std::optional<Time> terminated;  ///< nothing of the machine is left
    std::optional<Time> released;    ///< its user keeps the machine: it no longer carries our tag

    bool operator==(const Launch&) const = default;
};
BOOST_DESCRIBE_STRUCT(Launch, (),
                      (generation, started, reason, why, attempts, machine, given, ec2_state, running, claim,
                       described, addresses, absences, tagged, report, probed, ready, notice, rebalance,
                       maintenance, impaired, unwell, demand, published, in_sync, abandoned, let_go, lost,
                       loss, terminated, released))

/// One UPSERT of an A record.
struct DnsWrite {
    int generation = 0;
    std::string address;
    std::int64_t ttl = 30;
    Time sent;
    std::optional<Time> accepted;
    std::optional<std::string> change;  ///< Route53's id of the change
    std::optional<Time> in_sync;

    bool operator==(const DnsWrite&) const = default;
};
BOOST_DESCRIBE_STRUCT(DnsWrite, (), (generation, address, ttl, sent, accepted, change, in_sync))

/// Somebody has changed or removed what was published.
struct DnsDrift {
    Time seen;
    std::string found;  ///< what stood there instead
    bool mend = false;  ///< it is to be written again; else it is left: a CNAME, a routing policy

    bool operator==(const DnsDrift&) const = default;
};
BOOST_DESCRIBE_STRUCT(DnsDrift, (), (seen, found, mend))

/// What was published under one DNS name.
struct DnsState {
    std::optional<std::string> zone_id;  ///< of the spec, or as found
    std::optional<DnsWrite> published;   ///< the newest that Route53 accepted
    std::optional<DnsWrite> unanswered;  ///< sent, outcome unknown: it counts as well
    std::vector<DnsWrite> superseded;    ///< earlier ones that a resolver may still hold
    std::optional<DnsDrift> drift;       ///< until it is mended
    std::optional<Time> cleared;         ///< retired: no record of ours stands there any more

    bool operator==(const DnsState&) const = default;
};
BOOST_DESCRIBE_STRUCT(DnsState, (), (zone_id, published, unanswered, superseded, drift, cleared))

/// An action that failed and when it may be tried again.
struct Retry {
    int tries = 0;
    Time not_before;
    std::string error;

    bool operator==(const Retry&) const = default;
};
BOOST_DESCRIBE_STRUCT(Retry, (), (tries, not_before, error))

/// The user's word that the name is to go.
struct Retirement {
    Time at;
    std::string command;  ///< its uid
    bool keep_machine = false;
    std::optional<int> kept;  ///< the generation whose machine is the user's from now on
    bool remove_images = false;

    bool operator==(const Retirement&) const = default;
};
BOOST_DESCRIBE_STRUCT(Retirement, (), (at, command, keep_machine, kept, remove_images))

/// Everything about one managed instance; one JSON value in the store, under its name.
struct Record {
    std::string uid;  ///< of its registration: the name's identity
    Spec spec;
    std::int64_t spec_revision = 1;
    std::int64_t revision = 0;  ///< of this record; the store counts it up with every write
    Intent intent = Intent::running;
    std::optional<Time> intent_asked;  ///< when its user last asked to pause or resume it
    std::optional<Time> spec_asked;    ///< when its user last asked for another spec
    Time registered;
    std::optional<Retirement> retirement;
    std::vector<Launch> launches;  ///< by generation; the oldest ended ones are dropped
    DnsState dns_private;
    DnsState dns_public;
    std::map<std::string, Retry> retries;  ///< by the action's key
    std::int64_t launches_lost = 0;
    std::optional<LaunchTemplate> launch_template;
    std::optional<Time> template_deleted;  ///< the name is retired, and EC2 has no template of it
    /// How long on-demand machines of launches that were forgotten ran, by UTC month: `2026-01`.
    std::map<std::string, Duration> on_demand_time;
    std::vector<Image> images;  ///< the chain, by number
    Imaging imaging;
    /// Launches that only test an image: they never serve, and have generations of their own.
    std::vector<Launch> tests;

    bool operator==(const Record&) const = default;

    const std::string& name() const { return spec.name; }
    const DnsState& dns(Side side) const { return side == Side::private_ ? dns_private : dns_public; }
    DnsState& dns(Side side) { return side == Side::private_ ? dns_private : dns_public; }
    const std::optional<DnsName>& dns_name(Side side) const {
        return side == Side::private_ ? spec.dns.private_ : spec.dns.public_;
    }
};
BOOST_DESCRIBE_STRUCT(Record, (),
                      (uid, spec, spec_revision, revision, intent, intent_asked, spec_asked, registered,
                       retirement, launches, dns_private, dns_public, retries, launches_lost, launch_template,
                       template_deleted, on_demand_time, images, imaging, tests))

/// One line of a name's history, for people.
struct JournalEntry {
    Time at;
    std::string name;
    std::string event;  ///< from a closed set: `launch_started`, `machine_lost`, ...
    std::string text;   ///< a sentence
    std::optional<int> generation;
    std::optional<std::string> machine;

    bool operator==(const JournalEntry&) const = default;
};
BOOST_DESCRIBE_STRUCT(JournalEntry, (), (at, name, event, text, generation, machine))

/// The ids by which messages and sweeps find a record.
struct Keys {
    std::vector<std::string> requests;
    std::vector<std::string> machines;
    std::vector<std::string> images;     ///< those that we made: another's may be of several names
    std::vector<std::string> dns_names;  ///< `private/lms-chen.example.com`, `public/...`; with the zone's
                                         ///< id, once known: `Z123/lms-chen.example.com`

    bool operator==(const Keys&) const = default;
};

Keys keys_of(const Record& record);

/// The key in Keys::dns_names under which a name can be claimed before its zone is known.
std::string dns_key(Side side, const DnsName& name);

/// The keys under which a spec claims its DNS names.
std::vector<std::string> dns_keys(const Spec& spec);

/// A sentence for whoever wants a DNS name that is taken.
std::string dns_conflict(std::string_view key, std::string_view owner);

/// The hash that makes an attempt's client token: the same uid, generation and number give the same token.
std::string attempt_token(const std::string& uid, int generation, int number);

}  // namespace fleet
