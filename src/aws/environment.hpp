#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace aws {

/// A snapshot of environment variables. AWS's rule holds for all of them: an empty value counts as unset.
class Environment {
  public:
    Environment() = default;
    explicit Environment(std::map<std::string, std::string, std::less<>> values);

    /// What this process was started with.
    static Environment of_process();

    std::optional<std::string> get(std::string_view name) const;
    std::string get_or(std::string_view name, std::string_view otherwise) const;
    /// Whether it is `true`, in any case.
    bool is_true(std::string_view name) const;

  private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace aws
