#include "app/config.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

// A setting comes from the command line, else from the environment, else from the file.

namespace {

struct Loaded {
    app::Config config;
    base::Result<void> result;
};

class File {
  public:
    explicit File(const std::string& text) {
        std::string name = (std::filesystem::temp_directory_path() / "spot-manager-config-XXXXXX").string();
        const int descriptor = mkstemp(name.data());
        REQUIRE(descriptor >= 0);
        close(descriptor);
        path_ = name;
        std::ofstream(path_) << text;
    }
    ~File() { std::filesystem::remove(path_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

Loaded load(std::vector<std::string> arguments, const std::string& file_text = "") {
    const File file(file_text);
    Loaded loaded;
    CLI::App program;
    std::string config_file;
    auto* serve = app::add_serve_command(program, loaded.config, config_file);
    if (!file_text.empty()) {
        arguments.insert(arguments.begin(), {"--config", file.path()});
    }
    arguments.insert(arguments.begin(), "serve");
    std::ranges::reverse(arguments);  // as CLI11 wants a vector of arguments
    try {
        program.parse(arguments);
    } catch (const CLI::ParseError& error) {
        loaded.result = base::fail(error.what());
        return loaded;
    }
    loaded.result = app::complete_config(*serve, loaded.config, config_file);
    return loaded;
}

std::string refusal(const std::vector<std::string>& arguments, const std::string& file_text = "") {
    const auto loaded = load(arguments, file_text);
    REQUIRE_FALSE(loaded.result);
    return loaded.result.error().message;
}

}  // namespace

TEST_CASE("config: the command line goes before the environment, and that before the file") {
    const std::string file =
        "queue_url = \"from-file\"\nsweep_every = \"7s\"\nactions_at_once = 3\ninsecure = true\n";
    setenv("SPOT_MANAGER_SWEEP_EVERY", "8s", 1);
    setenv("SPOT_MANAGER_ACTIONS_AT_ONCE", "4", 1);
    const auto loaded = load({"--sweep-every", "9s"}, file);
    unsetenv("SPOT_MANAGER_SWEEP_EVERY");
    unsetenv("SPOT_MANAGER_ACTIONS_AT_ONCE");
    REQUIRE(loaded.result);
    CHECK(loaded.config.queue == "from-file");
    CHECK(loaded.config.insecure);
    CHECK(loaded.config.manager.actions_at_once == 4);
    CHECK(loaded.config.manager.sweep_every == std::chrono::seconds{9});
}

TEST_CASE("config: the sample file holds every setting with its default") {
    std::ifstream stream(std::string(TEST_DATA) + "/../../config/spot-manager.toml");
    REQUIRE(stream);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    const auto with_sample = load({"--queue-url", "q"}, text);
    REQUIRE_MESSAGE(with_sample.result, with_sample.result.error().message);

    // queue_url has no default and stands in a comment.
    const auto at = text.find("# queue_url");
    REQUIRE(at != std::string::npos);
    text.erase(at, 2);
    CLI::App program;
    app::Config defaults;
    std::string config_file;
    auto* serve = app::add_serve_command(program, defaults, config_file);
    std::set<std::string> settings;
    std::map<std::string, std::string> default_of;
    for (const auto* option : serve->get_options()) {
        auto name = option->get_single_name();
        std::ranges::replace(name, '-', '_');
        if (name != "help" && name != "config") {
            settings.insert(name);
            default_of[name] = option->get_default_str();
        }
    }
    std::set<std::string> in_file;
    std::istringstream sample(text);
    for (const auto& item : CLI::ConfigTOML().from_config(sample)) {
        in_file.insert(item.name);
        CAPTURE(item.name);
        if (item.name != "queue_url") {
            CHECK((item.inputs.empty() ? "" : item.inputs.front()) == default_of[item.name]);
        }
    }
    CHECK(in_file == settings);
}

TEST_CASE("config: a wrong value is one sentence that names the setting and what would be right") {
    CHECK(refusal({}) ==
          "queue_url is required: the URL or the name of the SQS queue, as --queue-url, "
          "SPOT_MANAGER_QUEUE_URL or in "
          "the file");
    CHECK(refusal({"--queue-url", "q", "--listen", "8470"}) ==
          "listen: \"8470\" must be ADDRESS:PORT, for example \"127.0.0.1:8470\"");
    CHECK(refusal({"--queue-url", "q", "--receive-wait", "1500ms"}) ==
          "receive_wait: \"1500ms\" must be whole seconds from 1s to 20s");
    CHECK(refusal({"--queue-url", "q", "--hidden-for", "13h"}) ==
          "hidden_for: \"13h\" must be whole seconds from 1s to 12h");
    CHECK(refusal({"--queue-url", "q", "--sweep-every", "soon"})
              .contains("must be a duration such as \"30s\", \"1500ms\" or \"2m\", not \"soon\""));
    CHECK(refusal({"--queue-url", "q", "--tls-key", "k"}) ==
          "tls_certificate and tls_key must be given together");
    CHECK(refusal({"--queue-url", "q"}, "colour = 1\n").ends_with(": colour is not a known setting"));
    CHECK(refusal({"--queue-url", "q"}, "sweep_every = \"soon\"\n")
              .contains("sweep-every: must be a duration"));
    CHECK(refusal({"--config", "/nowhere/at/all"}) ==
          "the configuration file /nowhere/at/all cannot be opened");
}

TEST_CASE("config: addresses to listen on") {
    CHECK(app::Config{.listen = "[::1]:8470"}.listen_address() == "::1");
    CHECK(app::Config{.listen = "127.0.0.1:8470"}.listen_port() == 8470);
    CHECK(app::Config{.listen = "127.0.0.1:99999"}.listen_port() == 0);
}
