#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/settings.hpp"

namespace sim {

/// The command line.
struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 4566;
    std::uint16_t imds_port = 1338;
    std::uint16_t machine_port = 8080;
    std::uint16_t dns_port = 8053;
    std::vector<std::string> queues;
    std::vector<std::string> zones;  ///< `name`, or `name:private`
    std::string env_file;
    std::string log_level = "info";
    std::uint64_t seed = 1;  ///< of every decision about faults
    double unkind = 0;       ///< the probability of the mixture of all faults, from the start
    Settings settings;
};

/// Reads the command line. Without options the program is to end with `exit_code`: help or a fault was
/// printed.
std::optional<Options> read_options(int argc, const char* const* argv, int& exit_code);

}  // namespace sim
