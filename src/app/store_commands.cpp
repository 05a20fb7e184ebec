#include "app/store_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <string_view>

#include "store/backup.hpp"
#include "store/export.hpp"

namespace app {
namespace {

constexpr int cannot = 2;

int complain(const base::Error& error) {
    std::cerr << "spot-manager: " << error.message << '\n';
    return cannot;
}

/// What reading beyond the end of a file through LMDB's map comes to.
void end_of_file(int /*signal*/) {
    constexpr std::string_view sentence =
        "spot-manager: the store is damaged: its file ends before its last page\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, sentence.data(), sentence.size());
    ::_exit(cannot);
}

int export_store(const StoreOptions& options) {
    const auto done = store::export_records(options.store, std::cout);
    return done ? 0 : complain(done.error());
}

int back_up(const StoreOptions& options) {
    const auto done = store::back_up(options.store, options.file);
    return done ? 0 : complain(done.error());
}

int restore(const StoreOptions& options) {
    const auto restored = store::restore(options.file, options.store, options.replace);
    if (!restored) {
        return complain(restored.error());
    }
    for (const auto& record : restored->unreadable) {
        std::cerr << "spot-manager: " << record.reason << '\n';
    }
    std::cout << "restored, with " << restored->names << " names";
    if (restored->kept) {
        std::cout << "; the store that was there is " << restored->kept->string();
    }
    std::cout << '\n';
    return 0;
}

}  // namespace

CLI::App* add_store_commands(CLI::App& program, StoreOptions& options) {
    auto* store = program.add_subcommand("store", "Export, back up and restore the state.");
    store->require_subcommand(1);
    const auto add = [&](const std::string& name, const std::string& help) {
        auto* command = store->add_subcommand(name, help);
        command->add_option("--store", options.store, "The folder with the state")
            ->envname("SPOT_MANAGER_STORE")
            ->capture_default_str();
        return command;
    };
    add("export",
        "Write every name's record as a line of JSON. The manager may run. The users' own user data is in "
        "it.");
    add("backup",
        "Copy the state as it is at one moment. The manager may run. The key that signs commands and all "
        "user "
        "data are in it.")
        ->add_option("file", options.file, "The new file")
        ->required();
    auto* restore = add(
        "restore", "Make the state from a backup, once that is known to be good. No manager may run on it.");
    restore->add_option("file", options.file, "The backup")->required();
    restore->add_flag("--replace", options.replace, "Also where there is a state, which is kept beside it");
    return store;
}

int run_store_command(const CLI::App& store, const StoreOptions& options) {
    std::signal(SIGBUS, end_of_file);
    if (store.got_subcommand("export")) {
        return export_store(options);
    }
    return store.got_subcommand("backup") ? back_up(options) : restore(options);
}

}  // namespace app
