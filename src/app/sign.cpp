#include "app/sign.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "fleet/message.hpp"
#include "store/look.hpp"

namespace app {

CLI::App* add_sign_command(CLI::App& program, SignOptions& options) {
    auto* command = program.add_subcommand(
        "sign",
        "Print a message that tells the manager of a new image of a name, made by another tool. It is valid "
        "once it is in the queue: aws sqs send-message --message-body.");
    command->add_option("name", options.name, "The managed instance")->required();
    command->add_option("image", options.image, "The image, ami-...")->required();
    command->add_option("--store", options.store, "The folder with the state. The manager may run")
        ->envname("SPOT_MANAGER_STORE")
        ->capture_default_str();
    return command;
}

int sign(const SignOptions& options) {
    const auto seen = store::look_at(options.store, options.name);
    if (!seen) {
        std::cerr << "spot-manager: " << seen.error().message << '\n';
        return 2;
    }
    const auto payload = boost::json::serialize(
        base::to_json(fleet::ImageOrder{options.name, seen->record.uid, options.image}));
    std::cout << fleet::sign_command(seen->key, fleet::word(fleet::MessageKind::image_created),
                                     base::new_uid(), base::wall_now(), payload)
              << '\n';
    return 0;
}

}  // namespace app
