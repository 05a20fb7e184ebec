#include "sim/imds.hpp"

#include <boost/json/serialize.hpp>

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"

namespace sim {

namespace json = boost::json;

namespace {

constexpr std::uint64_t token_seconds_max = 21600;
constexpr std::size_t tokens_max = 10'000;
constexpr std::string_view credentials_path = "meta-data/iam/security-credentials/";

http::Response plain(int status, std::string body) {
    return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::move(body)};
}

/// IMDS writes whole seconds.
std::string seconds(base::Time time) {
    return base::format_time(std::chrono::floor<std::chrono::seconds>(time));
}

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

http::Response Imds::answer(const http::ServerRequest& request) {
    const auto path = base::split_once(request.request.target, '?').first;
    if (path == "/latest/api/token") {
        return request.request.method == "PUT" ? give_token(request) : plain(405, "");
    }
    if (request.request.method != "GET" || !path.starts_with("/latest/")) {
        return plain(404, "");
    }
    if (!admitted(request)) {
        return plain(401, "");
    }
    const auto* machine = cloud_.machines.at_address(request.peer_address);
    const auto item = read(path.substr(8), machine == nullptr ? manager_machine() : *machine);
    return item ? plain(200, *item) : plain(404, "");
}

http::Response Imds::give_token(const http::ServerRequest& request) {
    if (http::find_header(request.request.headers, "X-Forwarded-For")) {
        return plain(403, "");
    }
    const auto text =
        http::find_header(request.request.headers, "X-aws-ec2-metadata-token-ttl-seconds").value_or("");
    const auto ttl = base::parse_number(text);
    if (!ttl || *ttl < 1 || *ttl > token_seconds_max) {
        return plain(400, "");
    }
    const auto now = cloud_.timeline.now();
    std::erase_if(tokens_, [now](const auto& entry) { return entry.second.expires <= now; });
    if (tokens_.size() >= tokens_max) {
        return plain(503, "");
    }
    const auto token = base::base64_encode(base::random_bytes(42));
    tokens_[token] = {.peer_address = request.peer_address, .expires = now + std::chrono::seconds{*ttl}};
    auto response = plain(200, token);
    response.headers.push_back({"X-Aws-Ec2-Metadata-Token-Ttl-Seconds", std::to_string(*ttl)});
    return response;
}

bool Imds::admitted(const http::ServerRequest& request) const {
    const auto token = http::find_header(request.request.headers, "X-aws-ec2-metadata-token").value_or("");
    const auto found = tokens_.find(std::string(token));
    return found != tokens_.end() && found->second.peer_address == request.peer_address &&
           found->second.expires > cloud_.timeline.now();
}

std::optional<std::string> Imds::read(std::string_view path, const Machine& machine) {
    if (path.starts_with(credentials_path)) {
        return read_credentials(path.substr(credentials_path.size()), machine);
    }
    const auto& zone = machine.spec.zone;
    if (path == "meta-data/instance-id") {
        return machine.id;
    }
    if (path == "meta-data/instance-type") {
        return machine.spec.machine_type;
    }
    if (path == "meta-data/ami-id") {
        return machine.spec.image_id;
    }
    if (path == "meta-data/local-ipv4") {
        return machine.private_address;
    }
    if (path == "meta-data/public-ipv4") {
        return if_any(machine.public_address);
    }
    if (path == "meta-data/instance-life-cycle") {
        return machine.spot_request_id.empty() ? "on-demand" : "spot";
    }
    if (path == "meta-data/placement/availability-zone") {
        return zone;
    }
    if (path == "meta-data/placement/region") {
        return cloud_.settings.region;
    }
    if (path == "meta-data/spot/instance-action" && !machine.interruption_action.empty()) {
        return json::serialize(json::object{{"action", machine.interruption_action},
                                            {"time", seconds(machine.interruption_time)}});
    }
    if (path == "meta-data/events/recommendations/rebalance" && machine.rebalance_time) {
        return json::serialize(json::object{{"noticeTime", seconds(*machine.rebalance_time)}});
    }
    if (path == "meta-data/events/maintenance/scheduled") {
        return "[]";
    }
    if (path == "dynamic/instance-identity/document") {
        return json::serialize(json::object{{"accountId", cloud_.settings.account},
                                            {"region", cloud_.settings.region},
                                            {"availabilityZone", zone},
                                            {"instanceId", machine.id},
                                            {"imageId", machine.spec.image_id},
                                            {"instanceType", machine.spec.machine_type},
                                            {"privateIp", machine.private_address}});
    }
    if (path == "user-data") {
        return if_any(machine.spec.user_data);
    }
    return std::nullopt;
}

std::optional<std::string> Imds::read_credentials(std::string_view path, const Machine& machine) {
    const auto& role = machine.spec.instance_profile;
    if (role.empty()) {
        return std::nullopt;
    }
    if (path.empty()) {
        return role;
    }
    if (path != role) {
        return std::nullopt;
    }
    const auto credentials = cloud_.identities.session(role, machine.id).credentials;
    return json::serialize(json::object{
        {"Code", "Success"},
        {"LastUpdated", seconds(*credentials.expiration - cloud_.settings.session_for)},
        {"Type", "AWS-HMAC"},
        {"AccessKeyId", credentials.access_key_id},
        {"SecretAccessKey", credentials.secret_access_key},
        {"Token", credentials.session_token},
        {"Expiration", seconds(*credentials.expiration)},
    });
}

Machine Imds::manager_machine() const {
    Machine machine;
    machine.id = "i-00000000000000000";
    machine.spec.machine_type = "t3.small";
    machine.spec.image_id = "ami-00000000000000000";
    machine.spec.zone = cloud_.settings.region + "a";
    machine.spec.instance_profile = cloud_.settings.manager_role;
    machine.private_address = "127.0.0.1";
    return machine;
}

}  // namespace sim
