#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/ec2_filters.hpp"
#include "sim/fault.hpp"
#include "sim/form.hpp"
#include "sim/past.hpp"
#include "sim/settings.hpp"

namespace sim::ec2 {

/// Refuses a call that names a machine which is malformed, unknown or not yet to be seen: explicit ids and
/// filters find a machine only some time after it was made.
Answer<void> check_ids(const std::vector<std::string>& ids, const Shown& shown, const Settings& settings);

/// The values that a machine has under a filter's name; nothing when there is no such filter.
using MachineValues =
    std::function<std::optional<std::vector<std::string>>(const Machine& machine, const std::string& name)>;

/// The machines that a Describe call means, in order of their ids: by explicit ids or by filters, a page.
Answer<Page> select_machines(const Shown& shown, const Settings& settings, Form& form,
                             const MachineValues& values, const std::function<bool(const Machine&)>& wanted);

}  // namespace sim::ec2
