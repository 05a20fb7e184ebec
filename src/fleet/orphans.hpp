#pragma once

#include <optional>
#include <string>

#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// What carries our store's tag in EC2 and no record knows: adopted, reported, or ended. Rule 7 of what
/// always holds.
namespace fleet {

/// A spot request, machine or launch template, as its tags tell of it.
struct Stray {
    std::string id;
    std::string name;
    std::string uid;
    std::optional<int> generation;  ///< of the launch that it is of
    std::string token;              ///< of its attempt, where the tags say so
    std::optional<Time> since;      ///< EC2 knows it since then
    bool test = false;              ///< it only tests an image

    bool operator==(const Stray&) const = default;
};

/// What is left of a retired managed instance.
struct Grave {
    Time at;
    std::optional<std::string> kept;  ///< the machine that its user keeps
};

enum class Fate {
    adopt,   ///< the record takes it in
    wait,    ///< it is too young to tell: its record may be on the way
    report,  ///< it costs money, and a person decides
    end,     ///< it is of a name that this store retired, and should be gone
};

/// The record can take it in: it has an attempt without an answer, or knows no such launch yet.
bool can_adopt(const Record& record, const Stray& stray);

/// `record` is of the name that the stray's tags mean, with its uid, or null. `grave` is that of the uid.
/// `first_seen` is when we saw it first and have ever since.
Fate fate_of(const Stray& stray, const Record* record, const std::optional<Grave>& grave, Time first_seen,
             Time now, const Policy& policy);

}  // namespace fleet
