#include "sim/machine_web.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "sim/user_data.hpp"

namespace sim {

namespace asio = boost::asio;

MachineWeb::MachineWeb(const asio::any_io_executor& executor, const base::Clock& clock, Cloud& cloud,
                       std::uint16_t port)
    : clock_(clock),
      cloud_(cloud),
      server_(executor, {.address = "0.0.0.0", .port = port},
              [this](http::ServerRequest request) { return handle(std::move(request)); }) {}

void MachineWeb::reset(const Machine& machine) {
    server_.reset_connections(machine.private_address);
    if (!machine.public_address.empty()) {
        server_.reset_connections(machine.public_address);
    }
}

asio::awaitable<http::Response> MachineWeb::handle(http::ServerRequest request) {
    cloud_.timeline.advance_to(clock_.now());
    const auto* machine = cloud_.machines.at_address(request.local_address);
    // The listener must take every address of this host; only loopback is the simulated network.
    const bool inside = request.peer_address.starts_with("127.");
    if (machine == nullptr || !machine->booted || !inside) {
        server_.reset_connections(request.local_address);
        co_return http::Response{.status = 503, .headers = {}, .body = {}};
    }
    if (const auto answer = machine->web_answer; answer != "ok") {
        if (answer == "silence") {
            // Longer than anybody waits; the machine may be gone after it.
            asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::minutes{2});
            co_await timer.async_wait(asio::use_awaitable);
        }
        const auto sending = answer == "error" ? http::Sending::whole : http::Sending::reset;
        co_return http::Response{.status = 500, .headers = {}, .body = {}, .sending = sending};
    }
    const auto script = plain_user_data(machine->spec.user_data);
    const auto name = shell_assignment(script, "SPOT_MANAGER_NAME").value_or("");
    std::string text = "machine " + machine->id + "\naddress " + request.local_address + "\n";
    if (!name.empty()) {
        text += "name " + name + "\n";
    }
    co_return http::Response{
        .status = 200, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(text)};
}

}  // namespace sim
