#pragma once

#include <vector>

#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// Questions about a launch that its facts answer.
namespace fleet {

/// Its machine exists and is not known or believed to be going away.
bool is_alive(const Launch& launch);

/// It has a living machine or may still get one.
bool is_under_way(const Launch& launch);

/// Not ready yet, and meant to be: a name has never more than one.
bool is_incoming(const Launch& launch);

/// Ready, and not to be replaced for all that is known: a name that has one needs no other.
bool stays(const Launch& launch);

/// The newest launch, but for tries for the way back to spot that came to nothing; none before the first.
const Launch* newest_that_counts(const Record& record);
Launch* newest_that_counts(Record& record);

/// A replacement for this reason can wait for its turn: what there is serves on.
bool is_voluntary(Reason reason);

/// The attempt may have been taken, and whether it has or will have a machine is not known.
bool is_unsettled(const Launch& launch, const Attempt& attempt);

/// The launches that serve or are to serve, and those that only test an image, each by generation.
std::vector<Launch*> all_launches(Record& record);
std::vector<const Launch*> all_launches(const Record& record);

/// The generation of the next launch, also of one that only tests an image.
int next_generation(const Record& record);

/// The attempt that was made last, or none before the first is chosen.
const Attempt* newest_attempt(const Launch& launch);
Attempt* newest_attempt(Launch& launch);

/// Each finds a test as well.
Launch* find_by_generation(Record& record, int generation);
Launch* find_by_machine(Record& record, const std::string& machine);
Launch* find_by_request(Record& record, const std::string& request);
Attempt* find_attempt(Launch& launch, int number);
const Attempt* find_attempt(const Record& record, int generation, int number);
Attempt* find_attempt_by_request(Launch& launch, const std::string& request);

/// Its machine was asked for without a public address, and the spec wants one since.
bool lacks_public_address(const Spec& spec, const Launch& launch);

/// EC2 has given every address that the spec asks for, of a running machine, and that it can have.
bool has_addresses(const Spec& spec, const Launch& launch);

/// EC2 is to be asked about the machine: a loss is told of, nothing is known yet (messages about it may have
/// come and gone before it was ours), or it has started and its addresses are not known.
bool wants_description(const Spec& spec, const Launch& launch);

/// When the launch will be ready if nothing else is learned: with the report there and no probe to wait for.
std::optional<Time> ready_at(const Spec& spec, const Launch& launch, const Policy& policy);

/// EC2's own word for a state: `shutting-down`.
std::string ec2_word(Ec2State state);

/// The launch that DNS should point at: the newest that is ready and alive and has no notice, else the newest
/// that is ready and alive.
const Launch* ready_launch(const Record& record);

/// A DNS write of either side points at the launch, may point at it, or may still be held by a resolver: rule
/// 4 of what always holds keeps its machine.
bool may_be_in_dns(const Record& record, const Launch& launch);

/// The address of a side, as EC2 gave it.
const std::optional<std::string>& address_of(const Launch& launch, Side side);

}  // namespace fleet
