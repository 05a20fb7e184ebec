#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sim/fault.hpp"
#include "sim/form.hpp"
#include "sim/machines.hpp"
#include "sim/settings.hpp"
#include "sim/timeline.hpp"

namespace sim {

struct TemplateVersion {
    long number = 1;
    std::string description;
    base::Time created;
    Form data;  ///< what stood under `LaunchTemplateData.`
};

struct LaunchTemplate {
    std::string id;
    std::string name;
    base::Time created;
    Tags tags;
    std::vector<TemplateVersion> versions;  ///< the first is the default one, the last the latest
};

/// The launch templates of the account. Their contents are looked at when something is launched from them.
class LaunchTemplates {
  public:
    LaunchTemplates(Timeline& timeline, const Settings& settings)
        : timeline_(timeline), settings_(settings) {}

    /// Refused when the name is malformed or taken.
    Answer<LaunchTemplate*> create(const std::string& name, const std::string& description, const Form& data,
                                   Tags tags);

    /// `data` replaces, member by member, what the version `source` has; without one it is all.
    Answer<TemplateVersion> add_version(LaunchTemplate& launch_template, const std::string& source,
                                        const std::string& description, const Form& data);

    /// By exactly one of both. Refused when there is none, or when it is too young to be seen.
    Answer<LaunchTemplate*> find(const std::string& id, const std::string& name);

    /// A number, `$Latest` or `$Default`.
    static Answer<TemplateVersion> version(const LaunchTemplate& launch_template, const std::string& text);

    void remove(const LaunchTemplate& launch_template);

    std::map<std::string, LaunchTemplate, std::less<>>& all() { return templates_; }

  private:
    Timeline& timeline_;
    const Settings& settings_;
    std::map<std::string, LaunchTemplate, std::less<>> templates_;
};

}  // namespace sim
