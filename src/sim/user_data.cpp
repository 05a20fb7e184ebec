#include "sim/user_data.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace sim {

namespace {

std::string without(std::string_view text, std::string_view unwanted) {
    std::string out;
    for (const char c : text) {
        if (unwanted.find(c) == std::string_view::npos) {
            out += c;
        }
    }
    return out;
}

/// The value of a header in a block of MIME headers; empty when it is absent. Folded lines count as one.
std::string mime_header(std::string_view head, std::string_view name) {
    std::string value;
    bool inside = false;
    for (const auto line : base::split(head, '\n')) {
        if (inside && (line.starts_with(' ') || line.starts_with('\t'))) {
            value += " " + std::string(base::trim(line));
            continue;
        }
        const auto [found, rest] = base::split_once(line, ':');
        inside = base::equal_ignoring_case(base::trim(found), name);
        if (inside) {
            value = base::trim(rest);
        }
    }
    return value;
}

/// Head and body of a MIME entity with LF line ends.
std::pair<std::string_view, std::string_view> split_entity(std::string_view entity) {
    const auto gap = entity.find("\n\n");
    if (gap == std::string_view::npos) {
        return {entity, {}};
    }
    return {entity.substr(0, gap), entity.substr(gap + 2)};
}

std::string boundary_of(const std::string& content_type) {
    const auto at = base::to_lower(content_type).find("boundary=");
    if (at == std::string::npos) {
        return {};
    }
    const auto value = base::split_once(std::string_view(content_type).substr(at + 9), ';').first;
    return without(base::trim(value), "\"");
}

std::string decode_part(std::string_view part) {
    const auto [head, body] = split_entity(part);
    if (base::equal_ignoring_case(mime_header(head, "Content-Transfer-Encoding"), "base64")) {
        return base::base64_decode(without(body, "\n ")).value_or("");
    }
    return std::string(body);
}

}  // namespace

std::string plain_user_data(std::string_view user_data) {
    auto text = without(user_data, "\r");
    const auto [head, body] = split_entity(text);
    const auto boundary = boundary_of(mime_header(head, "Content-Type"));
    if (boundary.empty() || text.starts_with("#")) {
        return text;
    }
    std::string plain;
    auto rest = body;
    const auto line = "--" + boundary;
    for (auto at = rest.find(line); at != std::string_view::npos; at = rest.find(line)) {
        rest.remove_prefix(std::min(rest.size(), rest.find('\n', at)));
        rest.remove_prefix(rest.empty() ? 0 : 1);
        plain += decode_part(rest.substr(0, rest.find("\n" + line))) + "\n";
    }
    return plain;
}

std::optional<std::string> shell_assignment(std::string_view script, std::string_view name) {
    std::optional<std::string> assigned;
    for (auto line : base::split(script, '\n')) {
        line = base::trim(line);
        if (line.starts_with("export ")) {
            line = base::trim(line.substr(7));
        }
        if (!line.starts_with(name) || !line.substr(name.size()).starts_with('=')) {
            continue;
        }
        auto value = line.substr(name.size() + 1);
        if (value.starts_with('\'') || value.starts_with('"')) {
            const auto quote = value.front();
            value.remove_prefix(1);
            assigned = value.substr(0, value.find(quote));
        } else {
            assigned = value.substr(0, value.find_first_of(" \t;#"));
        }
    }
    return assigned;
}

std::optional<Report> report_of(const Machine& machine, bool legacy) {
    const auto script = plain_user_data(machine.spec.user_data);
    const auto queue_url = shell_assignment(script, "SPOT_MANAGER_QUEUE_URL");
    if (!queue_url || queue_url->empty()) {
        return std::nullopt;
    }
    boost::json::object body;
    if (legacy) {
        body = {{"text", "Lumos new spot instance launched"},
                {"iid", machine.id},
                {"public_ip", machine.public_address.empty() ? "NONE" : machine.public_address},
                {"private_ip", machine.private_address}};
    } else {
        body = {{"spot_manager", 1},
                {"report", "booted"},
                {"name", shell_assignment(script, "SPOT_MANAGER_NAME").value_or("")},
                {"machine", machine.id},
                {"token", shell_assignment(script, "SPOT_MANAGER_TOKEN").value_or("")}};
    }
    return Report{.queue_url = *queue_url, .body = boost::json::serialize(body)};
}

}  // namespace sim
