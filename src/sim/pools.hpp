#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "sim/settings.hpp"

namespace sim {

/// Which machine types can be had in which zones, and at what spot price. A pool that nobody has spoken of
/// has capacity and the default price.
class Pools {
  public:
    explicit Pools(const Settings& settings) : settings_(settings) {}

    /// Changes pools; `*` as type or zone stands for every one that has no setting of its own.
    void set_capacity(const std::string& machine_type, const std::string& zone, bool available);
    void set_price(const std::string& machine_type, const std::string& zone, const std::string& price);

    bool available(const std::string& machine_type, const std::string& zone) const;
    std::string price(const std::string& machine_type, const std::string& zone) const;

    /// After each change, so that held spot requests are looked at again.
    std::function<void()> on_change;

  private:
    struct Pool {
        bool available = true;
        std::string price;
    };
    const Pool* find(const std::string& machine_type, const std::string& zone) const;
    Pool& edit(const std::string& machine_type, const std::string& zone);

    const Settings& settings_;
    std::map<std::pair<std::string, std::string>, Pool> pools_;
};

/// The number in a decimal string of US dollars; negative when it is not one.
double dollars(std::string_view price);

}  // namespace sim
