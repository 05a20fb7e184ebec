#include "fleet/spec.hpp"

#include <algorithm>
#include <array>

#include "base/contains.hpp"
#include "base/text.hpp"
#include "fleet/cron.hpp"
#include "fleet/user_data.hpp"
#include "fleet/window.hpp"

namespace fleet {
namespace {

constexpr std::size_t tags_max = 40;  // EC2 takes 50; the others are ours
constexpr std::size_t security_groups_max = 16;
constexpr std::size_t block_devices_max = 40;
constexpr std::size_t instance_types_max = 20;
constexpr std::size_t subnets_max = 10;
constexpr std::int64_t hours_per_month_max = 744;
constexpr std::int64_t images_max = 100;

bool is_lower_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// RFC 1123: letters, digits and inner hyphens, at most 63.
bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && is_lower_alphanumeric(label.front()) &&
           is_lower_alphanumeric(label.back()) &&
           std::ranges::all_of(label, [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool is_dns_name(std::string_view name) {
    const auto labels = base::split(name, '.');
    return name.size() <= 253 && labels.size() >= 2 &&
           std::ranges::all_of(labels, [](std::string_view label) {
               // Service labels such as _sip are legal in DNS.
               return is_label(label.starts_with('_') ? label.substr(1) : label);
           });
}

bool is_plain(std::string_view text, std::string_view extra) {
    return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [&](char c) {
        return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z') || extra.contains(c);
    });
}

/// 1 to 255 characters of ASCII that can be seen, or blanks.
bool is_ascii(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// A path as it goes on the wire, with its query.
bool is_path(std::string_view text) {
    return text.starts_with('/') && text.size() <= 1024 &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// An AWS id such as `ami-0abc`: the prefix, then letters and digits.
bool is_id(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) && is_plain(text.substr(prefix.size()), "");
}

bool is_price(std::string_view text) {
    const auto [whole, fraction] = base::split_once(text, '.');
    const auto digits = [](std::string_view part) {
        return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    };
    return !whole.empty() && text.size() <= 20 && digits(whole) && digits(fraction) &&
           text.find_first_of("123456789") != std::string_view::npos;
}

class Checker {
  public:
    explicit Checker(Spec& spec) : spec_(spec) {}

    base::FieldErrors check() {
        check_name();
        check_machine();
        check_tags();
        check_dns("$.dns.private", spec_.dns.private_);
        check_dns("$.dns.public", spec_.dns.public_);
        if (spec_.dns.public_ && !spec_.public_ip) {
            fail("$.dns.public",
                 "needs \"public_ip\": true, since only then the machine has a public address");
        }
        if (spec_.dns.private_ && spec_.dns.public_ && spec_.dns.private_->zone_id &&
            spec_.dns.private_->name == spec_.dns.public_->name &&
            spec_.dns.private_->zone_id == spec_.dns.public_->zone_id) {
            fail("$.dns.public", "is the same record as $.dns.private: give it another name or zone");
        }
        check_readiness();
        check_replacement();
        check_image();
        check_user_data();
        return std::move(errors_);
    }

  private:
    void fail(std::string path, std::string message) {
        errors_.push_back({std::move(path), std::move(message)});
    }

    static std::string quoted(std::string_view text) {
        return "\"" + std::string(base::cut(text, 80)) + "\"";
    }

    void check_name() {
        if (spec_.name.empty()) {
            fail("$.name", "is required");
        } else if (!is_label(spec_.name)) {
            fail("$.name", quoted(spec_.name) + " must be 1 to 63 of a-z, 0-9 and inner hyphens");
        }
    }

    void check_id(const std::string& path, std::string_view id, std::string_view prefix) {
        if (id.empty()) {
            fail(path, "is required");
        } else if (!is_id(id, prefix)) {
            fail(path,
                 quoted(id) + " must be an id such as \"" + std::string(prefix) + "0123456789abcdef0\"");
        }
    }

    void check_several(const std::string& path, const std::vector<std::string>& values, std::string_view what,
                       std::size_t max) {
        if (values.empty()) {
            fail(path, "must name at least one " + std::string(what));
        } else if (values.size() > max) {
            fail(path, "must name at most " + std::to_string(max));
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto earlier = values.begin() + static_cast<std::ptrdiff_t>(i);
            if (std::find(values.begin(), earlier, values[i]) != earlier) {
                fail(path + "[" + std::to_string(i) + "]", quoted(values[i]) + " is named twice");
            }
        }
    }

    void check_machine() {
        if (spec_.image_id != latest_image) {
            check_id("$.image_id", spec_.image_id, "ami-");
        }
        check_several("$.instance_types", spec_.instance_types, "machine type", instance_types_max);
        for (std::size_t i = 0; i < spec_.instance_types.size(); ++i) {
            if (!is_plain(spec_.instance_types[i], ".-") || !spec_.instance_types[i].contains('.')) {
                fail("$.instance_types[" + std::to_string(i) + "]",
                     quoted(spec_.instance_types[i]) + " must be a machine type such as \"t3.small\"");
            }
        }
        check_several("$.subnet_ids", spec_.subnet_ids, "subnet", subnets_max);
        for (std::size_t i = 0; i < spec_.subnet_ids.size(); ++i) {
            check_id("$.subnet_ids[" + std::to_string(i) + "]", spec_.subnet_ids[i], "subnet-");
        }
        check_security_groups("$.security_group_ids", spec_.security_group_ids);
        if (spec_.max_price && !is_price(*spec_.max_price)) {
            fail("$.max_price",
                 quoted(*spec_.max_price) + " must be a price in USD an hour such as \"0.0125\"");
        }
        if (spec_.key_name && !is_ascii(*spec_.key_name)) {
            fail("$.key_name", "must be 1 to 255 ASCII characters; leave it out for none");
        }
        if (spec_.iam_instance_profile && !is_plain(*spec_.iam_instance_profile, "+=,.@-_:/")) {
            fail("$.iam_instance_profile",
                 quoted(*spec_.iam_instance_profile) + " must be the name or the ARN of an instance profile");
        }
        if (spec_.block_device_mappings.size() > block_devices_max) {
            fail("$.block_device_mappings", "must be at most " + std::to_string(block_devices_max));
        }
        for (std::size_t i = 0; i < spec_.block_device_mappings.size(); ++i) {
            check_block_device("$.block_device_mappings[" + std::to_string(i) + "]",
                               spec_.block_device_mappings[i]);
        }
    }

    void check_security_groups(const std::string& path, const std::vector<std::string>& ids) {
        if (ids.empty()) {
            fail(path, "must name at least one security group");
        } else if (ids.size() > security_groups_max) {
            fail(path, "must name at most " + std::to_string(security_groups_max));
        }
        for (std::size_t i = 0; i < ids.size(); ++i) {
            check_id(path + "[" + std::to_string(i) + "]", ids[i], "sg-");
        }
    }

    void check_block_device(const std::string& path, const BlockDeviceMapping& mapping) {
        if (!is_ascii(mapping.device_name)) {
            fail(path + ".device_name",
                 mapping.device_name.empty()
                     ? "is required, for example \"/dev/xvda\""
                     : "must be at most 255 ASCII characters, for example \"/dev/xvda\"");
        }
        if (mapping.virtual_name && !is_ascii(*mapping.virtual_name)) {
            fail(path + ".virtual_name", "must be 1 to 255 ASCII characters, for example \"ephemeral0\"");
        }
        if (mapping.ebs && mapping.virtual_name) {
            fail(path, "must have either ebs or virtual_name, not both");
        }
        if (!mapping.ebs) {
            return;
        }
        const auto positive = [&](std::string_view field, const std::optional<std::int64_t>& value) {
            if (value && (*value < 1 || *value > 1'000'000)) {
                fail(path + ".ebs." + std::string(field),
                     std::to_string(*value) + " must be from 1 to 1000000");
            }
        };
        positive("volume_size", mapping.ebs->volume_size);
        positive("iops", mapping.ebs->iops);
        positive("throughput", mapping.ebs->throughput);
        if (mapping.ebs->snapshot_id) {
            check_id(path + ".ebs.snapshot_id", *mapping.ebs->snapshot_id, "snap-");
        }
        constexpr std::array<std::string_view, 7> types{"standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"};
        if (const auto& type = mapping.ebs->volume_type; type && !base::contains(types, *type)) {
            fail(path + ".ebs.volume_type",
                 quoted(*type) + " must be one of standard, io1, io2, gp2, gp3, sc1, st1");
        }
    }

    void check_tags() {
        if (spec_.tags.size() > tags_max) {
            fail("$.tags", "must have at most " + std::to_string(tags_max) + " tags");
        }
        for (const auto& [key, value] : spec_.tags) {
            const auto path = "$.tags[\"" + std::string(base::cut(key, 80)) + "\"]";
            if (key.empty() || key.size() > 128 || value.size() > 256) {
                fail(path, "must have a key of 1 to 128 and a value of at most 256 bytes");
            } else if (key.starts_with("aws:") || key.starts_with("spot-manager:")) {
                fail(path, "must not begin with aws: or spot-manager:, which are reserved");
            }
        }
    }

    void check_dns(const std::string& path, std::optional<DnsName>& dns) {
        if (!dns) {
            return;
        }
        dns->name = base::to_lower(dns->name);
        if (dns->name.ends_with('.')) {
            dns->name.pop_back();
        }
        if (dns->name.empty()) {
            fail(path + ".name", "is required");
        } else if (!is_dns_name(dns->name)) {
            fail(path + ".name",
                 quoted(dns->name) + " must be a full DNS name such as \"lms-chen.example.com\"");
        }
        if (dns->zone_id && !is_plain(*dns->zone_id, "")) {
            fail(path + ".zone_id",
                 quoted(*dns->zone_id) + " must be a hosted zone's id such as \"Z0123456789ABC\"");
        }
        if (dns->ttl < 1 || dns->ttl > 86400) {
            fail(path + ".ttl", std::to_string(dns->ttl) + " must be from 1 to 86400 seconds");
        }
    }

    void check_readiness() {
        const auto& readiness = spec_.readiness;
        if (readiness.http && readiness.tcp) {
            fail("$.readiness", "must have either http or tcp, not both");
        }
        if (readiness.http && readiness.http->port == 0) {
            fail("$.readiness.http.port", "must be from 1 to 65535");
        }
        if (readiness.http && !is_path(readiness.http->path)) {
            fail("$.readiness.http.path",
                 "must begin with / and be at most 1024 visible ASCII characters, others percent-encoded");
        }
        if (readiness.tcp && readiness.tcp->port == 0) {
            fail("$.readiness.tcp.port", "must be from 1 to 65535");
        }
        if (readiness.settle && (readiness.http || readiness.tcp)) {
            fail("$.readiness.settle", "acts only where there is no probe; leave out one of them");
        }
        if (readiness.settle && *readiness.settle > std::chrono::hours{1}) {
            fail("$.readiness.settle", "must be at most 1h");
        }
        if (readiness.patience <= base::Duration{0} || readiness.patience > std::chrono::days{1}) {
            fail("$.readiness.patience", "must be more than 0s and at most 24h");
        }
    }

    void check_replacement() {
        if (spec_.group && !is_label(*spec_.group)) {
            fail("$.group", quoted(*spec_.group) + " must be 1 to 63 of a-z, 0-9 and inner hyphens");
        }
        if (spec_.max_unavailable < 1 || spec_.max_unavailable > 1000) {
            fail("$.max_unavailable", std::to_string(spec_.max_unavailable) + " must be from 1 to 1000");
        }
        if (!spec_.fallback) {
            return;
        }
        if (spec_.fallback->after < base::Duration{0} || spec_.fallback->after > std::chrono::days{1}) {
            fail("$.fallback.after", "must be from 0s to 24h");
        }
        const auto hours = spec_.fallback->max_hours_per_month;
        if (hours < 1 || hours > hours_per_month_max) {
            fail("$.fallback.max_hours_per_month", std::to_string(hours) + " must be from 1 to " +
                                                       std::to_string(hours_per_month_max) +
                                                       "; leave fallback out to have no on-demand machine");
        }
        if (const auto& window = spec_.fallback->return_window) {
            if (const auto parsed = parse_window(*window); !parsed) {
                fail("$.fallback.return_window", parsed.error().message);
            }
        }
    }

    void check_image() {
        const auto& image = spec_.image;
        if (const auto schedule = parse_schedule(image.schedule); !schedule) {
            fail("$.image.schedule", schedule.error().message);
        }
        if (image.spread < base::Duration{0} || image.spread > std::chrono::days{1}) {
            fail("$.image.spread", "must be from 0s to 24h");
        }
        if (image.retain < 1 || image.retain > images_max) {
            fail("$.image.retain",
                 std::to_string(image.retain) + " must be from 1 to " + std::to_string(images_max));
        }
        if (image.test) {
            check_security_groups("$.image.test.security_group_ids", image.test->security_group_ids);
        }
    }

    void check_user_data() {
        if (!spec_.user_data) {
            return;
        }
        if (const auto problem = user_data_problem(*spec_.user_data)) {
            fail("$.user_data", *problem);
        }
    }

    Spec& spec_;
    base::FieldErrors errors_;
};

}  // namespace

std::expected<Spec, base::FieldErrors> parse_spec(const base::json::value& document) {
    Spec spec;
    auto errors = base::read_json(document, base::UnknownKeys::reject, spec);
    // What could not be read has its default now: its own error says enough.
    const auto unread = errors;
    for (auto& error : Checker(spec).check()) {
        const bool known = std::ranges::any_of(
            unread, [&](const base::FieldError& other) { return error.path.starts_with(other.path); });
        if (!known) {
            errors.push_back(std::move(error));
        }
    }
    if (!errors.empty()) {
        return std::unexpected(std::move(errors));
    }
    return spec;
}

}  // namespace fleet
