#include "sim/launch_templates.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "sim/ids.hpp"

namespace sim {

namespace {

bool is_template_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      std::string_view("().-/_").contains(c);
           });
}

}  // namespace

Answer<LaunchTemplate*> LaunchTemplates::create(const std::string& name, const std::string& description,
                                                const Form& data, Tags tags) {
    if (!is_template_name(name)) {
        return refuse("InvalidLaunchTemplateName.MalformedException",
                      "The launch template name '" + name +
                          "' must have 3 to 128 letters, digits or characters of ().-/_");
    }
    for (const auto& [id, known] : templates_) {
        if (known.name == name) {
            return refuse("InvalidLaunchTemplateName.AlreadyExistsException",
                          "Launch template name already in use.");
        }
    }
    LaunchTemplate made{
        .id = resource_id("lt-"),
        .name = name,
        .created = timeline_.now(),
        .tags = std::move(tags),
        .versions = {{.number = 1, .description = description, .created = timeline_.now(), .data = data}}};
    return &templates_.emplace(made.id, made).first->second;
}

Answer<TemplateVersion> LaunchTemplates::add_version(LaunchTemplate& launch_template,
                                                     const std::string& source,
                                                     const std::string& description, const Form& data) {
    auto whole = data;
    if (!source.empty()) {
        const auto from = version(launch_template, source);
        if (!from) {
            return from;
        }
        whole = data.over(from->data);
    }
    const auto number = launch_template.versions.back().number + 1;
    return launch_template.versions.emplace_back(TemplateVersion{
        .number = number, .description = description, .created = timeline_.now(), .data = whole});
}

Answer<LaunchTemplate*> LaunchTemplates::find(const std::string& id, const std::string& name) {
    if (id.empty() == name.empty()) {
        return refuse("InvalidParameterCombination",
                      "Exactly one of the parameters LaunchTemplateId and LaunchTemplateName is needed");
    }
    if (!id.empty() && !id.starts_with("lt-")) {
        return refuse("InvalidLaunchTemplateId.Malformed", "Invalid id: \"" + id + "\"");
    }
    for (auto& [known_id, known] : templates_) {
        const bool seen = known.created + settings_.visible_after <= timeline_.now();
        if (seen && (id.empty() ? known.name == name : known_id == id)) {
            return &known;
        }
    }
    return id.empty()
               ? refuse("InvalidLaunchTemplateName.NotFoundException",
                        "The specified launch template, with template name " + name + ", does not exist.")
               : refuse("InvalidLaunchTemplateId.NotFound",
                        "The specified launch template, with template ID " + id + ", does not exist.");
}

Answer<TemplateVersion> LaunchTemplates::version(const LaunchTemplate& launch_template,
                                                 const std::string& text) {
    const auto& versions = launch_template.versions;
    if (text == "$Latest") {
        return versions.back();
    }
    if (text == "$Default") {
        return versions.front();
    }
    const auto number = base::parse_number(text).value_or(0);
    if (number == 0 || number > versions.size()) {
        return refuse("InvalidLaunchTemplateId.VersionNotFound",
                      "Could not find launch template version " + text + " of " + launch_template.id + ".");
    }
    return versions[number - 1];
}

void LaunchTemplates::remove(const LaunchTemplate& launch_template) {
    templates_.erase(std::string(launch_template.id));
}

}  // namespace sim
