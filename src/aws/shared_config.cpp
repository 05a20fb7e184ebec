#include "aws/shared_config.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "aws/ini.hpp"
#include "base/text.hpp"

namespace aws {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

/// Empty for a file that is not there.
base::Result<std::string> read_text(const std::string& path) {
    std::error_code error;
    if (path.empty() || !std::filesystem::exists(path, error)) {
        return std::string();
    }
    std::ifstream file(path, std::ios::binary);
    if (!file || !std::filesystem::is_regular_file(path, error)) {
        return base::fail(fmt::format("the file {} cannot be read", path));
    }
    std::string text(file_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > file_bytes_max) {
        return base::fail(fmt::format("the file {} is larger than 1 MiB", path));
    }
    return text;
}

/// `profile lab` or `profile "lab"` with kind `profile` gives `lab`; nothing for a section of another kind.
std::optional<std::string_view> name_of(std::string_view section, std::string_view kind) {
    if (!section.starts_with(kind)) {
        return std::nullopt;
    }
    const auto rest = section.substr(kind.size());
    auto name = base::trim(rest);
    if (name.empty() || name.size() == rest.size()) {
        return std::nullopt;
    }
    if (name.size() >= 2 && name.front() == name.back() && (name.front() == '"' || name.front() == '\'')) {
        name = name.substr(1, name.size() - 2);
    }
    return name;
}

bool is_profile(std::string_view section, const std::string& profile) {
    return name_of(section, "profile") == profile || (profile == "default" && section == "default");
}

std::string path_below_home(const Environment& environment, std::string_view variable,
                            std::string_view file) {
    const auto home = environment.get_or("HOME", "");
    if (const auto path = environment.get(variable)) {
        return path->starts_with("~/") ? home + path->substr(1) : *path;
    }
    return home.empty() ? std::string() : fmt::format("{}/.aws/{}", home, file);
}

}  // namespace

std::optional<std::string> SharedConfig::get(std::string_view key) const {
    const auto found = values.find(std::string(key));
    if (found == values.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

std::optional<std::string> SharedConfig::get_service(std::string_view service, std::string_view key) const {
    const auto settings = services.find(std::string(service));
    if (settings == services.end()) {
        return std::nullopt;
    }
    const auto found = settings->second.find(std::string(key));
    if (found == settings->second.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

base::Result<SharedConfig> merge_profile(std::string_view config_text, std::string_view credentials_text,
                                         const std::string& profile, bool required) {
    const auto config = parse_ini(config_text);
    if (!config) {
        return base::fail("the shared config file: " + config.error().message);
    }
    const auto credentials = parse_ini(credentials_text);
    if (!credentials) {
        return base::fail("the shared credentials file: " + credentials.error().message);
    }
    SharedConfig merged;
    merged.profile = profile;
    bool found = false;
    for (const auto& section : *config) {
        if (is_profile(section.name, profile)) {
            found = true;
            merged.values.insert(section.values.begin(), section.values.end());
        }
    }
    for (const auto& section : *credentials) {
        if (section.name == profile) {
            found = true;
            for (const auto& [key, value] : section.values) {
                merged.values.insert_or_assign(key, value);
            }
        }
    }
    if (required && !found) {
        return base::fail(fmt::format("the profile {} is in neither of the shared files", profile));
    }
    const auto services = merged.get("services");
    for (const auto& section : *config) {
        if (services && name_of(section.name, "services") == *services) {
            merged.services = section.nested;
        }
    }
    return merged;
}

base::Result<SharedConfig> load_shared_config(const Environment& environment) {
    const auto config = read_text(path_below_home(environment, "AWS_CONFIG_FILE", "config"));
    if (!config) {
        return std::unexpected(config.error());
    }
    const auto credentials =
        read_text(path_below_home(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"));
    if (!credentials) {
        return std::unexpected(credentials.error());
    }
    const auto profile =
        environment.get("AWS_PROFILE").or_else([&] { return environment.get("AWS_DEFAULT_PROFILE"); });
    return merge_profile(*config, *credentials, profile.value_or("default"), profile.has_value());
}

}  // namespace aws
