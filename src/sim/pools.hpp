#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/settings.hpp"

namespace sim {

enum class Market { spot, on_demand };

/// `spot`, `on-demand`, as in EC2's answers.
std::string_view name_of(Market market);

/// Where capacity comes from.
struct Pool {
    std::string machine_type;
    std::string zone;
    Market market = Market::spot;

    auto operator<=>(const Pool&) const = default;
};

/// Which machine types can be had in which zones on which market, and at what spot price. A pool that nobody
/// has spoken of has capacity and the default price.
class Pools {
  public:
    explicit Pools(const Settings& settings) : settings_(settings) {}

    /// Changes pools; `*` as type or zone stands for every one that has no setting of its own.
    void set_capacity(const Pool& pool, bool available);
    /// How many machines it has left to give; those of `*` are shared.
    void set_machines_left(const Pool& pool, long machines);
    void set_price(const Pool& pool, const std::string& price);

    bool available(const Pool& pool) const;
    /// No number: any.
    std::optional<long> machines_left(const Pool& pool) const;
    /// Of the spot market.
    std::string price(const std::string& machine_type, const std::string& zone) const;

    /// A machine was started from a pool that is available.
    void take(const Pool& pool);

    /// After each change, so that held spot requests are looked at again.
    std::function<void()> on_change;

  private:
    struct Offer {
        bool available = true;
        std::optional<long> machines_left;
        std::string price;
    };
    const Offer* find(const Pool& pool) const;
    Offer& edit(const Pool& pool);
    void changed() const;

    const Settings& settings_;
    std::map<Pool, Offer> offers_;
};

/// The number in a decimal string of US dollars; negative when it is not one.
double dollars(std::string_view price);

}  // namespace sim
