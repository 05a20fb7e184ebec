#pragma once

#include <pugixml.hpp>
#include <string>
#include <vector>

#include "sim/fault.hpp"
#include "sim/zones.hpp"

namespace sim {

/// A ChangeResourceRecordSetsRequest, read.
struct ChangeBatch {
    std::string comment;
    std::vector<Change> changes;
};
Answer<ChangeBatch> read_change_batch(const std::string& body);

/// A CreateHostedZoneRequest, read.
Answer<Zones::NewZone> read_new_zone(const std::string& body);

/// An element `name` of the answer, in Route53's name space.
pugi::xml_node add_root(pugi::xml_document& document, const char* name);

void write_zone(pugi::xml_node parent, const Zone& zone);
void write_delegation_set(pugi::xml_node parent);
void write_vpc(pugi::xml_node parent, const Zone& zone);
void write_change(pugi::xml_node parent, const ChangeInfo& change);
void write_record_set(pugi::xml_node parent, const RecordSet& set);

}  // namespace sim
