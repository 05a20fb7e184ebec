#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace simulation {

/// What happened, for whoever reads why a seed failed. Costs nothing when nobody listens.
class Story {
  public:
    explicit Story(bool told) : told_(told) {}

    /// `who`: `AWS`, `user`, `manager`; `name`: whom it is about, or empty.
    template <class... Args>
    void tell(base::Time at, std::string_view who, std::string_view name, fmt::format_string<Args...> text,
              const Args&... args) {
        if (told_) {
            lines_.push_back(fmt::format("{:<24}  {:<7}  {:<7}  {}", base::format_time(at), who, name,
                                         fmt::vformat(text, fmt::make_format_args(args...))));
        }
    }

    const std::vector<std::string>& lines() const { return lines_; }

  private:
    bool told_;
    std::vector<std::string> lines_;
};

}  // namespace simulation
