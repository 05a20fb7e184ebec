#pragma once

#include <string>

#include "fleet/fact.hpp"
#include "fleet/record.hpp"

/// The end of a managed instance that its user retires: the spot request cancelled, the DNS records deleted
/// while they are ours, and then the machine ended, or given to the user.
namespace fleet {

/// Why a name that is being retired cannot be retired so, as a sentence. Its images can still be given up.
std::optional<std::string> retire_problem(const Retirement& known, bool keep_machine, bool remove_images);

/// The launch's machine is to be the user's.
bool is_kept(const Record& record, const Launch& launch);

/// A record that we wrote may stand under the name.
bool may_stand(const DnsState& dns);

/// The address is one that we wrote there: a record that holds it and nothing else is ours to delete.
bool is_ours(const DnsState& dns, const std::string& address);

/// Why what stands under a DNS name of a retired managed instance is not deleted, as a sentence; nothing when
/// it is ours.
std::optional<std::string> why_left(const std::string& dns_name, const DnsState& dns, const DnsSeen& seen);

/// The name is retired and nothing of it is left in AWS but a machine that is kept: the record may go.
bool is_over(const Record& record);

/// Only its launch template may be left.
bool is_over_but_for_template(const Record& record);

/// What a retirement waits for, as a sentence.
std::string what_is_left(const Record& record);

}  // namespace fleet
