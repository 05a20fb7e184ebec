#include <cctype>

#include "sim/ec2_api.hpp"
#include "sim/ec2_filters.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/ec2_xml.hpp"
#include "sim/xml.hpp"

namespace sim::ec2 {

namespace {

const std::vector<std::string> taggable_at_launch = {"instance", "volume", "network-interface",
                                                     "spot-instances-request"};

void write_template(pugi::xml_node node, const LaunchTemplate& launch_template, const Settings& settings) {
    add(node, "launchTemplateId", launch_template.id);
    add(node, "launchTemplateName", launch_template.name);
    add_time(node, "createTime", launch_template.created);
    add(node, "createdBy", "arn:aws:iam::" + settings.account + ":root");
    add_number(node, "defaultVersionNumber", 1);
    add_number(node, "latestVersionNumber", launch_template.versions.back().number);
    if (!launch_template.tags.empty()) {
        write_tags(node, launch_template.tags);
    }
}

/// What a form holds, as EC2 tells it again: `ImageId` is `imageId`, `Tag.1.Key` is `tagSet/item/key`.
void write_data(pugi::xml_node parent, const Form& form) {
    std::string last;
    for (const auto& name : form.names()) {
        const auto member = name.substr(0, name.find('.'));
        if (member == last) {
            continue;
        }
        last = member;
        auto element = member;
        element[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(element[0])));
        if (form.has(member)) {
            add(parent, element.c_str(), form.text(member));
            continue;
        }
        const auto values = form.list(member);
        const auto groups = form.groups(member);
        if (values.empty() && groups.empty()) {
            write_data(parent.append_child(element.c_str()), form.group(member));
            continue;
        }
        const bool of_interface = member == "SecurityGroupId" && form.has("DeviceIndex");
        auto set = parent.append_child(of_interface ? "groupSet" : (element + "Set").c_str());
        for (const auto& value : values) {
            add(set, of_interface ? "groupId" : "item", value);
        }
        for (const auto& group : groups) {
            write_data(set.append_child("item"), group);
        }
    }
}

void write_version(pugi::xml_node node, const LaunchTemplate& launch_template, const TemplateVersion& version,
                   const Settings& settings) {
    add(node, "launchTemplateId", launch_template.id);
    add(node, "launchTemplateName", launch_template.name);
    add_number(node, "versionNumber", version.number);
    if (!version.description.empty()) {
        add(node, "versionDescription", version.description);
    }
    add_time(node, "createTime", version.created);
    add(node, "createdBy", "arn:aws:iam::" + settings.account + ":root");
    add_flag(node, "defaultVersion", version.number == 1);
    write_data(node.append_child("launchTemplateData"), version.data);
}

/// What is looked at when a version is made; the rest only at a launch.
Answer<Form> read_data(const Form& form) {
    auto data = form.group("LaunchTemplateData");
    if (data.names().empty()) {
        return refuse("MissingParameter", "The request must contain the parameter LaunchTemplateData");
    }
    if (const auto tags = read_tag_specification(data, "instance", taggable_at_launch); !tags) {
        return std::unexpected(tags.error());
    }
    return data;
}

Answer<LaunchTemplate*> find(Cloud& cloud, const Form& form) {
    return cloud.launch_templates.find(form.text("LaunchTemplateId"), form.text("LaunchTemplateName"));
}

std::optional<std::vector<std::string>> filter_values(const LaunchTemplate& launch_template,
                                                      const std::string& name) {
    if (name == "launch-template-name") {
        return std::vector{launch_template.name};
    }
    return tag_values(launch_template.tags, name);
}

}  // namespace

Answer<void> create_launch_template(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto token = form.text("ClientToken");
    const auto parameters = form.canonical({"Action", "Version", "ClientToken"});
    const auto known = cloud.client_tokens.find("CreateLaunchTemplate", token, parameters, 128);
    if (!known) {
        return std::unexpected(known.error());
    }
    if (!known->empty()) {
        const auto again = cloud.launch_templates.all().find(known->front());
        if (again == cloud.launch_templates.all().end()) {
            return refuse("InvalidLaunchTemplateId.NotFound",
                          "The launch template of this client token was deleted.");
        }
        write_template(response.append_child("launchTemplate"), again->second, cloud.settings);
        return {};
    }
    const auto data = read_data(form);
    const auto tags = read_tag_specification(form, "launch-template", {"launch-template"});
    if (!data || !tags) {
        return std::unexpected(!data ? data.error() : tags.error());
    }
    const auto made = cloud.launch_templates.create(form.required("LaunchTemplateName"),
                                                    form.text("VersionDescription"), *data, *tags);
    if (!made) {
        return std::unexpected(made.error());
    }
    cloud.client_tokens.remember("CreateLaunchTemplate", token, parameters, {(*made)->id});
    write_template(response.append_child("launchTemplate"), **made, cloud.settings);
    return {};
}

Answer<void> create_launch_template_version(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto found = find(cloud, form);
    if (!found) {
        return std::unexpected(found.error());
    }
    auto& launch_template = **found;
    const auto token = form.text("ClientToken");
    const auto parameters = form.canonical({"Action", "Version", "ClientToken"});
    const auto known = cloud.client_tokens.find("CreateLaunchTemplateVersion", token, parameters, 128);
    if (!known) {
        return std::unexpected(known.error());
    }
    const auto data = read_data(form);
    if (!data) {
        return std::unexpected(data.error());
    }
    const auto version = known->empty()
                             ? cloud.launch_templates.add_version(launch_template, form.text("SourceVersion"),
                                                                  form.text("VersionDescription"), *data)
                             : LaunchTemplates::version(launch_template, known->front());
    if (!version) {
        return std::unexpected(version.error());
    }
    if (known->empty()) {
        cloud.client_tokens.remember("CreateLaunchTemplateVersion", token, parameters,
                                     {std::to_string(version->number)});
    }
    write_version(response.append_child("launchTemplateVersion"), launch_template, *version, cloud.settings);
    return {};
}

Answer<void> delete_launch_template(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto found = find(cloud, form);
    if (!found) {
        return std::unexpected(found.error());
    }
    write_template(response.append_child("launchTemplate"), **found, cloud.settings);
    cloud.launch_templates.remove(**found);
    return {};
}

Answer<void> describe_launch_templates(Cloud& cloud, Form& form, pugi::xml_node response) {
    for (const auto& [list, by_id] : {std::pair{"LaunchTemplateId", true}, {"LaunchTemplateName", false}}) {
        for (const auto& wanted : form.list(list)) {
            const auto found =
                cloud.launch_templates.find(by_id ? wanted : std::string(), by_id ? std::string() : wanted);
            if (!found) {
                return std::unexpected(found.error());
            }
        }
    }
    const auto wanted_ids = form.list("LaunchTemplateId");
    const auto wanted_names = form.list("LaunchTemplateName");
    const auto is_in = [](const std::vector<std::string>& list, const std::string& text) {
        return std::ranges::find(list, text) != list.end();
    };
    const auto filters = read_filters(form);
    std::vector<std::string> ids;
    for (const auto& [id, known] : cloud.launch_templates.all()) {
        const auto match =
            matches(filters, [&](const std::string& name) { return filter_values(known, name); });
        if (!match) {
            return std::unexpected(match.error());
        }
        const bool named = (wanted_ids.empty() && wanted_names.empty()) || is_in(wanted_ids, id) ||
                           is_in(wanted_names, known.name);
        const bool seen = known.created + cloud.settings.visible_after <= cloud.timeline.now();
        if (*match && named && seen) {
            ids.push_back(id);
        }
    }
    const auto page = paginate(ids, form, 1);
    if (!page) {
        return std::unexpected(page.error());
    }
    auto set = response.append_child("launchTemplates");
    for (const auto& id : page->ids) {
        write_template(set.append_child("item"), cloud.launch_templates.all().at(id), cloud.settings);
    }
    if (!page->next_token.empty()) {
        add(response, "nextToken", page->next_token);
    }
    return {};
}

Answer<void> describe_launch_template_versions(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto found = find(cloud, form);
    if (!found) {
        return std::unexpected(found.error());
    }
    std::vector<TemplateVersion> versions;
    for (const auto& wanted : form.list("LaunchTemplateVersion")) {
        const auto version = LaunchTemplates::version(**found, wanted);
        if (!version) {
            return std::unexpected(version.error());
        }
        versions.push_back(*version);
    }
    auto set = response.append_child("launchTemplateVersionSet");
    for (const auto& version : versions.empty() ? (*found)->versions : versions) {
        write_version(set.append_child("item"), **found, version, cloud.settings);
    }
    return {};
}

}  // namespace sim::ec2
