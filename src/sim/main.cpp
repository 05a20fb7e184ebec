#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "sim/control_api.hpp"
#include "sim/options.hpp"
#include "sim/simulator.hpp"

int main(int argc, char** argv) {
    int exit_code = 0;
    const auto options = sim::read_options(argc, argv, exit_code);
    if (!options) {
        return exit_code;
    }
    spdlog::set_level(spdlog::level::from_str(options->log_level));
    boost::asio::io_context context(1);
    sim::Simulator simulator(context.get_executor(), *options);
    if (const auto started = simulator.start(); !started) {
        fmt::print(stderr, "spot-manager-sim: {}\n", started.error().message);
        return 1;
    }
    const auto environment = simulator.environment();
    fmt::print("The simulated AWS is up. To use it:\n\n");
    for (const auto& [name, value] : environment) {
        fmt::print("export {}='{}'\n", name, value);
    }
    fmt::print("\nControl API:\n{}\nCtrl-C ends it.\n", sim::control_summary);
    std::fflush(stdout);
    if (!options->env_file.empty()) {
        if (const auto written = sim::write_environment(options->env_file, environment); !written) {
            fmt::print(stderr, "spot-manager-sim: {}\n", written.error().message);
            return 1;
        }
    }
    boost::asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code&, int) {
        boost::asio::co_spawn(context, simulator.stop(), boost::asio::detached);
    });
    context.run();
    return 0;
}
