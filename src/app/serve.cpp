#include "app/serve.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

#include "app/program.hpp"
#include "base/log.hpp"

namespace app {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

void configure_log(const Config& config) {
    const auto level = std::array{"debug", "info", "warning", "error", "critical"};
    const auto found = std::ranges::find(level, config.log_level);
    const bool logfmt =
        config.log_format == "logfmt" || (config.log_format == "auto" && isatty(STDERR_FILENO) == 1);
    log::configure(static_cast<log::Level>(found - level.begin()),
                   logfmt ? log::Format::logfmt : log::Format::json);
}

}  // namespace

int serve(const Config& config, std::string_view version) {
    configure_log(config);
    // The system's look-ups of names cannot be interrupted: without this, a silent DNS server would hold up
    // the end for 10 s and more. What the user says goes before it.
    ::setenv("RES_OPTIONS", "timeout:1 attempts:2", 0);
    // One thread: everything on it is safe from everything else on it. It outlives the store, whose answers
    // go to it.
    asio::io_context io(1);
    const auto aws = AwsAccess::load(io.get_executor());
    if (!aws) {
        std::cerr << "spot-manager: " << aws.error().message << '\n';
        return 2;
    }
    auto store = store::Store::open(config.store);
    if (!store) {
        std::cerr << "spot-manager: " << store.error().message << '\n';
        return 2;
    }
    for (const auto& record : (*store)->quarantined()) {
        log::write(log::Level::error, "record_unreadable",
                   {{"name", record.name}, {"reason", record.reason}});
    }
    int status = 1;
    Program program(io, config, version, **aws, **store);
    asio::co_spawn(io, program.run(), [&status](const std::exception_ptr& failure, int result) {
        if (failure) {
            std::rethrow_exception(failure);
        }
        status = result;
    });
    io.run();
    return status;
}

}  // namespace app
