#pragma once

#include <functional>
#include <set>
#include <string>

#include "base/json.hpp"
#include "simulation/model_dns.hpp"
#include "simulation/model_ec2.hpp"
#include "simulation/model_queue.hpp"
#include "simulation/stage.hpp"

namespace simulation {

/// When a machine served: for counting afterwards.
struct Life {
    std::string machine;
    std::string name;
    std::string address;  ///< the private one
    fleet::Pool pool;
    Time launched;
    std::optional<Time> answers;  ///< from
    std::optional<Time> taken;    ///< AWS decided to take it
    std::optional<Time> gone;
};

/// AWS as it lives by itself: requests are fulfilled, machines boot, are taken away and report; events are
/// sent, lost, doubled and late. The calls that reach it are in `calls`.
class World {
  public:
    explicit World(Stage& stage);

    ModelEc2 ec2;
    ModelDns dns;
    ModelQueue queue;

    /// Called when a message can be received.
    std::function<void()> on_message;

    /// EC2 as a read shows it: now and then as it was a while ago.
    const ModelEc2& read();

    /// A spot request that EC2 has taken: it is fulfilled when its pool has capacity.
    std::string take_request(ModelRequest request);

    /// A machine of an instant fleet, with the spot request that EC2 makes for it.
    std::string start_fleet_machine(ModelMachine machine);

    /// A machine that EC2 starts now.
    std::string start_machine(ModelMachine machine);

    /// An image of the machine, which may be rebooted for it.
    std::string begin_image(const std::string& machine, const std::string& ami_name, bool reboot);

    /// What another tool has made.
    std::string make_image_of_others();

    /// With an event of it.
    void remove_image(const std::string& id);

    /// It shuts down, and is terminated a while later.
    void end_machine(const std::string& id);

    /// A message that is not lost: a command.
    void send(const std::string& body, const std::string& sender);

    /// What went on before does; nothing new happens to machines, pools and records from here on.
    void calm_down();

    /// Machines of others, and what others do to our DNS records.
    void begin_strangers();

    /// Pools lose their capacity for a while.
    void begin_droughts();

    const std::vector<Life>& lives() const { return lives_; }

  private:
    void deliver(const std::string& body, const std::string& sender);
    void send_event(const std::string& type, base::json::object detail, std::optional<Time> at = {});
    void send_state(const std::string& id);
    void report(const std::string& id);

    void look_at_request(const std::string& id);
    void run_machine(const std::string& id);
    void boot_machine(const std::string& id);
    void begin_machine(const std::string& id);
    void stop_machine(const std::string& id);
    void restart_machine(const std::string& id);

    // Fates.
    void await_fates(const std::string& id);
    void advise(const std::string& id);
    void take_machine(const std::string& id);
    void do_mischief(const std::string& id);
    void plan_stop(const std::string& id);
    void dry_up(const fleet::Pool& pool);
    void remove_some_image();

    /// The machine, while it is alive.
    ModelMachine* living(const std::string& id);
    Life& life_of(const std::string& id);
    void set_state(const std::string& id, fleet::Ec2State state);
    template <class... Args>
    void tell(const std::string& name, fmt::format_string<Args...> text, const Args&... args) {
        stage_.story.tell(stage_.now(), "AWS", name, text, args...);
    }
    void after(Duration wait, Timeline::Deed deed) { stage_.timeline.after(wait, std::move(deed)); }

    Stage& stage_;
    ModelEc2 past_;
    Time past_since_;
    int next_event_ = 0;
    std::vector<Life> lives_;
    std::map<std::string, std::size_t> life_numbers_;
};

}  // namespace simulation
