#include "app/healthcheck.hpp"

#include <iostream>

#include "app/ask.hpp"

namespace app {

int healthcheck(const Config& config) {
    const auto answer = ask_manager(config, {.target = "/healthz"});
    if (answer && answer->status == 200) {
        return 0;
    }
    std::cerr << "spot-manager: not healthy: "
              << (answer ? "/healthz answers " + std::to_string(answer->status) + ": " + answer->body
                         : answer.error().message)
              << '\n';
    return 1;
}

}  // namespace app
