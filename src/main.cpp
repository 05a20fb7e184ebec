#include <CLI/CLI.hpp>

#include <iostream>

#include "app/config.hpp"
#include "app/explain.hpp"
#include "app/healthcheck.hpp"
#include "app/replay.hpp"
#include "app/serve.hpp"
#include "app/sign.hpp"
#include "app/store_commands.hpp"

int main(int argc, char** argv) {
    CLI::App program("Keeps named servers alive on EC2 spot machines.", "spot-manager");
    program.set_version_flag("--version", SPOT_MANAGER_VERSION);
    program.require_subcommand(1);

    app::Config config;
    std::string config_file;
    auto* serve = app::add_serve_command(program, config, config_file);
    auto* healthcheck = app::add_healthcheck_command(program, config, config_file);
    std::string name;
    auto* explain = app::add_explain_command(program, config, config_file, name);
    auto* images = app::add_images_command(program, config, config_file, name);

    app::ReplayOptions replay_options;
    auto* replay =
        program.add_subcommand("replay", "Drive the life cycle with recorded messages, without AWS.");
    replay
        ->add_option("messages", replay_options.messages_file,
                     "JSON lines {\"received\",\"sent_ms\",\"body\"}")
        ->required();
    replay
        ->add_option(
            "--managed", replay_options.managed_file,
            "JSON lines {\"name\",\"requests\":[...]}: the n-th launch of a name gets the n-th spot request")
        ->required();
    replay->add_flag("--table", replay_options.table, "Print tables for people");

    app::StoreOptions store_options;
    const auto* store = app::add_store_commands(program, store_options);

    app::SignOptions sign_options;
    const auto* sign = app::add_sign_command(program, sign_options);

    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return program.exit(error);  // --help and --version
        }
        std::cerr << "spot-manager: " << error.what() << '\n';
        return 2;
    }
    if (replay->parsed()) {
        return app::replay(replay_options);
    }
    if (store->parsed()) {
        return app::run_store_command(*store, store_options);
    }
    if (sign->parsed()) {
        return app::sign(sign_options);
    }
    auto* command = serve;
    for (auto* other : {healthcheck, explain, images}) {
        command = other->parsed() ? other : command;
    }
    if (const auto completed = app::complete_config(*command, config, config_file); !completed) {
        std::cerr << "spot-manager: " << completed.error().message << '\n';
        return 2;
    }
    if (command == healthcheck) {
        return app::healthcheck(config);
    }
    if (command == explain) {
        return app::explain(config, name);
    }
    return command == images ? app::images(config, name) : app::serve(config, SPOT_MANAGER_VERSION);
}
