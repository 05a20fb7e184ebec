#include "fleet/user_data.hpp"

#include <array>
#include <utility>

namespace fleet {
namespace {

constexpr std::string_view boundary = "==spot-manager-part==";

/// How cloud-init is told what a part is, by the way it begins.
std::optional<std::string_view> content_type(std::string_view part) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 2> types{{
        {"#!", "text/x-shellscript"},
        {"#cloud-config", "text/cloud-config"},
    }};
    for (const auto& [start, type] : types) {
        if (part.starts_with(start)) {
            return type;
        }
    }
    return std::nullopt;
}

/// A value for a shell, in single quotes.
std::string quoted(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        text += c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1);
    }
    return text + "'";
}

/// Reports over SQS with the machine's own role (instance profile). The AWS CLI where there is one, else
/// curl, which signs with SigV4 by itself from version 7.75 on. The token makes the report believed even
/// where the queue is written to by a shared role.
constexpr std::string_view first_boot_body = R"sh(
say() { echo "spot-manager: $*"; logger -t spot-manager -- "$*" 2>/dev/null || true; }
imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
imds=${imds%/}
session=$(curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/latest/api/token")
meta() { curl -sf -m 5 -H "X-aws-ec2-metadata-token: $session" "$imds/latest/meta-data/$1"; }
machine=$(meta instance-id)
done_file=${SPOT_MANAGER_STATE:-/var/lib/spot-manager}/reported-$machine
[ -n "$machine" ] || { say 'no metadata service: cannot report'; exit 1; }
[ ! -e "$done_file" ] || exit 0
body=$(printf '{"spot_manager":1,"report":"booted","name":"%s","machine":"%s","token":"%s"}' \
  "$SPOT_MANAGER_NAME" "$machine" "$SPOT_MANAGER_TOKEN")
endpoint=$(printf '%s' "$SPOT_MANAGER_QUEUE_URL" | sed 's#^\(https*://[^/]*\).*#\1#')
send_by_cli() {
  aws sqs send-message --region "$SPOT_MANAGER_REGION" --queue-url "$SPOT_MANAGER_QUEUE_URL" \
    --endpoint-url "$endpoint" --message-body "$body" >/dev/null
}
send_by_curl() {
  role=$(meta iam/security-credentials/ | head -n 1)
  credentials=$(meta "iam/security-credentials/$role")
  field() { printf '%s' "$credentials" | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1; }
  request=$(printf '{"QueueUrl":"%s","MessageBody":"%s"}' "$SPOT_MANAGER_QUEUE_URL" \
    "$(printf '%s' "$body" | sed 's/"/\\"/g')")
  # From a file descriptor: a secret in an argument could be read by every user of the machine.
  printf 'user = "%s:%s"\nheader = "X-Amz-Security-Token: %s"\n' \
    "$(field AccessKeyId)" "$(field SecretAccessKey)" "$(field Token)" |
    curl -sf -m 20 -K - --aws-sigv4 "aws:amz:$SPOT_MANAGER_REGION:sqs" \
      -H 'Content-Type: application/x-amz-json-1.0' -H 'X-Amz-Target: AmazonSQS.SendMessage' \
      -d "$request" "$endpoint/" >/dev/null
}
wait=1
for try in 1 2 3 4 5 6 7 8 9 10; do
  if { command -v aws >/dev/null && send_by_cli; } || send_by_curl; then
    mkdir -p "$(dirname "$done_file")" && : >"$done_file"
    say "reported booted as $machine"
    exit 0
  fi
  say "report failed, try $try"
  sleep "$wait"
  wait=$((wait < 60 ? wait * 2 : 60))
done
exit 1
)sh";

std::string first_boot_script(const FirstBoot& first_boot) {
    std::string script = "#!/bin/bash\n# Tells spot-manager that this machine has booted.\n";
    const auto assign = [&](std::string_view name, std::string_view value) {
        script += std::string(name) + "=" + quoted(value) + "\n";
    };
    assign("SPOT_MANAGER_NAME", first_boot.name);
    assign("SPOT_MANAGER_QUEUE_URL", first_boot.queue_url);
    assign("SPOT_MANAGER_REGION", first_boot.region);
    assign("SPOT_MANAGER_TOKEN", first_boot.token);
    return script.append(first_boot_body.substr(1));
}

std::string part(std::string_view type, std::string_view name, std::string_view content) {
    return "--" + std::string(boundary) + "\nContent-Type: " + std::string(type) +
           "; charset=\"utf-8\"\nMIME-Version: 1.0\nContent-Disposition: attachment; filename=\"" +
           std::string(name) + "\"\n\n" + std::string(content) + "\n";
}

}  // namespace

std::string render_user_data(const std::optional<std::string>& user_part, const FirstBoot& first_boot) {
    std::string text =
        "Content-Type: multipart/mixed; boundary=\"" + std::string(boundary) + "\"\nMIME-Version: 1.0\n\n";
    if (user_part && !user_part->empty()) {
        // cloud-init runs scripts in the order of their parts: ours, the last, reports when the user's is
        // done.
        text += part(content_type(*user_part).value_or("text/x-shellscript"), "part-10-user", *user_part);
    }
    text += part("text/x-shellscript", "part-90-spot-manager", first_boot_script(first_boot));
    return text + "--" + std::string(boundary) + "--\n";
}

std::optional<std::string> user_data_problem(std::string_view user_part) {
    if (user_part.empty()) {
        return "must not be empty; leave it out for none";
    }
    if (!content_type(user_part)) {
        return "must be a shell script, beginning with #!, or cloud-config, beginning with #cloud-config";
    }
    if (user_part.contains(boundary)) {
        return "must not contain the line that parts the two scripts, " + std::string(boundary);
    }
    // The longest that our part can be: names and URLs are bounded.
    const FirstBoot longest{.name = std::string(63, 'n'),
                            .queue_url = std::string(200, 'q'),
                            .region = std::string(20, 'r'),
                            .token = std::string(64, 't')};
    const auto size = render_user_data(std::string(user_part), longest).size();
    if (size > user_data_bytes_max) {
        return "is too long: with the first-boot script it may have " + std::to_string(size) +
               " bytes, and EC2 takes " + std::to_string(user_data_bytes_max);
    }
    return std::nullopt;
}

}  // namespace fleet
