#pragma once

#include <string>

#include "simulation/checks.hpp"

namespace simulation {

/// The users: they register their names, retire them and register them again, through the queue as the web
/// endpoint does it.
class People {
  public:
    People(Stage& stage, World& world, MutatedLedger& ledger, Wishes& wishes)
        : stage_(stage), world_(world), ledger_(ledger), wishes_(wishes) {}

    /// So many names, each with a spec of its own.
    void register_fleet(int names);

    void register_name(const std::string& name, base::json::object spec);

    /// Every now and then one of them wants something else.
    void begin_orders();

  private:
    void order_something();
    void order(Wish& wish);
    void retire(Wish& wish);
    void change(Wish& wish);
    void announce(Wish& wish);
    void send(Wish& wish, const Order& order);
    void send(std::string_view command, const std::string& uid, const base::json::object& payload);
    std::string make_uid();
    template <class... Args>
    void tell(const std::string& name, fmt::format_string<Args...> text, const Args&... args) {
        stage_.story.tell(stage_.now(), "user", name, text, args...);
    }

    Stage& stage_;
    World& world_;
    MutatedLedger& ledger_;
    Wishes& wishes_;
    int next_uid_ = 0;
};

}  // namespace simulation
