#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sim/fault.hpp"
#include "sim/faults.hpp"
#include "sim/settings.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// A resource record set as the API shows it.
struct RecordSet {
    std::string name;  ///< lower case, with a final dot
    std::string type;
    std::string set_identifier;  ///< empty: a simple set
    long ttl = 0;
    std::vector<std::string> values;
    std::string alias_zone_id;  ///< an alias has these three, and neither TTL nor values
    std::string alias_name;
    bool alias_evaluates_health = false;
    std::optional<long> weight;
    std::string health_check_id;

    bool operator==(const RecordSet&) const = default;
};

/// Record sets in Route53's order: by reversed labels, type, identifier.
using RecordKey = std::tuple<std::string, std::string, std::string>;
using RecordSets = std::map<RecordKey, RecordSet>;

/// `com.example.` for `example.com.`: the text by which Route53 sorts.
std::string reversed_labels(std::string_view name);
RecordKey key_of(const RecordSet& set);

/// Lower case, unusual bytes as `\ooo`, with a final dot: as Route53 answers.
std::string canonical_name(std::string_view name);

struct Zone {
    std::string id;
    std::string name;  ///< with a final dot
    std::string caller_reference;
    std::string comment;
    bool is_private = false;
    std::string vpc_id;
    std::string vpc_region;
    RecordSets sets;    ///< what the API shows: changes at once
    RecordSets served;  ///< what the name servers answer: changes once they are in sync
};

/// One element of a change batch.
struct Change {
    enum class Action { create, remove, upsert };
    Action action = Action::upsert;
    RecordSet set;
};

struct ChangeInfo {
    std::string id;
    base::Time submitted;
    std::string comment;
    bool in_sync = false;
};

/// Names of the simulated name servers of every zone.
const std::vector<std::string>& name_servers();

/// Route53's hosted zones and their changes.
class Zones {
  public:
    Zones(Timeline& timeline, const Settings& settings, Faults& faults);

    struct NewZone {
        std::string name;
        std::string caller_reference;
        std::string comment;
        bool is_private = false;
        std::string vpc_id;
        std::string vpc_region;
    };
    Answer<Zone*> create(const NewZone& wanted);
    Answer<void> remove(const std::string& id);
    Zone* find(std::string_view id);
    std::map<std::string, Zone, std::less<>>& all() { return zones_; }

    /// Applies all changes or none. The refusal's message holds every fault of the batch.
    Answer<ChangeInfo> change(Zone& zone, const std::vector<Change>& changes, const std::string& comment);
    const ChangeInfo* find_change(std::string_view id) const;

    /// A change that has nothing in it, as zones are made and deleted by.
    ChangeInfo note_change(const std::string& comment);

  private:
    ChangeInfo note_change(const std::string& comment, base::Duration insync_after);

    Timeline& timeline_;
    const Settings& settings_;
    Faults& faults_;
    std::map<std::string, Zone, std::less<>> zones_;
    std::map<std::string, ChangeInfo, std::less<>> changes_;
};

}  // namespace sim
