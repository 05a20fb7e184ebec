#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "base/clock.hpp"
#include "base/time.hpp"

namespace base::log {
namespace {

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warning", "error", "critical"};
constexpr std::array<spdlog::level::level_enum, 5> spdlog_levels{spdlog::level::debug, spdlog::level::info,
                                                                 spdlog::level::warn, spdlog::level::err,
                                                                 spdlog::level::critical};

struct Configuration {
    std::shared_ptr<spdlog::logger> logger;
    Format format = Format::logfmt;
};

Configuration& configuration() {
    static Configuration instance = [] {
        auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        auto logger = std::make_shared<spdlog::logger>("spot-manager", std::move(sink));
        logger->set_pattern("%v");
        return Configuration{std::move(logger), Format::logfmt};
    }();
    return instance;
}

std::string logfmt(std::string_view value) {
    // Control characters too: on a terminal they could act.
    const bool plain = !value.empty() && std::ranges::none_of(value, [](char c) {
        return (c >= 0 && c <= ' ') || c == '"' || c == '=' || c == '\\';
    });
    return plain ? std::string(value) : boost::json::serialize(boost::json::value(value));
}

}  // namespace

void configure(Level least, Format format) {
    configuration().format = format;
    configuration().logger->set_level(spdlog_levels[static_cast<std::size_t>(least)]);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    const auto spdlog_level = spdlog_levels[static_cast<std::size_t>(level)];
    const auto& logger = configuration().logger;
    if (!logger->should_log(spdlog_level)) {
        return;
    }
    const auto time = format_time(wall_now());
    const auto name = level_names[static_cast<std::size_t>(level)];
    if (configuration().format == Format::json) {
        boost::json::object line{{"time", time}, {"level", name}, {"event", event}};
        for (const auto& field : fields) {
            if (!field.value.empty()) {
                line[field.name] = field.value;
            }
        }
        logger->log(spdlog_level, "{}", boost::json::serialize(line));
        return;
    }
    std::string line = "time=" + time + " level=" + std::string(name) + " event=" + std::string(event);
    for (const auto& field : fields) {
        if (!field.value.empty()) {
            line += " " + std::string(field.name) + "=" + logfmt(field.value);
        }
    }
    logger->log(spdlog_level, "{}", line);
}

}  // namespace base::log
