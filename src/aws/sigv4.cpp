#include "aws/sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.hpp"

namespace aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// What a proxy may change, or is added later.
constexpr std::array<std::string_view, 6> never_signed = {
    "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"};

/// Every part of the path is encoded as it travels, so what is encoded already is encoded twice.
std::string canonical_path(std::string_view path, bool normalize) {
    std::vector<std::string_view> segments;
    for (const auto segment : base::split(path, '/')) {
        if (normalize && segment == "..") {
            if (!segments.empty()) {
                segments.pop_back();
            }
        } else if (!normalize || (!segment.empty() && segment != ".")) {
            segments.push_back(segment);
        }
    }
    if (!normalize) {
        // The text before the first slash is empty.
        segments.erase(segments.begin());
    }
    std::string canonical;
    for (const auto segment : segments) {
        canonical += '/';
        canonical += base::percent_encode(segment);
    }
    if (canonical.empty() || (normalize && path.ends_with('/'))) {
        canonical += '/';
    }
    return canonical;
}

std::string recode(std::string_view text) {
    return base::percent_encode(base::percent_decode(text).value_or(std::string(text)));
}

std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto parameter : base::split(query, '&')) {
        if (!parameter.empty()) {
            const auto [name, value] = base::split_once(parameter, '=');
            parameters.emplace_back(recode(name), recode(value));
        }
    }
    std::ranges::sort(parameters);
    std::string canonical;
    for (const auto& [name, value] : parameters) {
        canonical += fmt::format("{}{}={}", canonical.empty() ? "" : "&", name, value);
    }
    return canonical;
}

/// Trimmed, with every run of blanks as one.
std::string canonical_value(std::string_view value) {
    std::string canonical;
    for (const char c : base::trim(value)) {
        const bool blank = c == ' ' || c == '\t';
        if (!blank || !canonical.ends_with(' ')) {
            canonical += blank ? ' ' : c;
        }
    }
    return canonical;
}

/// Values by name in lower case; those of one name joined in their order.
std::map<std::string, std::string> canonical_headers(const http::Headers& headers) {
    std::map<std::string, std::string> canonical;
    for (const auto& header : headers) {
        const auto [at, is_new] =
            canonical.try_emplace(base::to_lower(header.name), canonical_value(header.value));
        if (!is_new) {
            at->second += ',' + canonical_value(header.value);
        }
    }
    return canonical;
}

std::string scope_text(std::string_view day, const SigningScope& scope) {
    return fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
}

/// All that is signed, with the key that it is signed with still to come.
Signature unsigned_steps(const http::Request& request, const std::map<std::string, std::string>& headers,
                         std::string_view timestamp, std::string_view day, const SigningScope& scope,
                         bool normalize_path) {
    const auto [path, query] = base::split_once(request.target, '?');
    std::string lines;
    std::string names;
    for (const auto& [name, value] : headers) {
        lines += fmt::format("{}:{}\n", name, value);
        names += fmt::format("{}{}", names.empty() ? "" : ";", name);
    }
    Signature steps;
    steps.canonical_request =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(path, normalize_path),
                    canonical_query(query), lines, names, base::sha256_hex(request.body));
    steps.string_to_sign = fmt::format("{}\n{}\n{}\n{}", algorithm, timestamp, scope_text(day, scope),
                                       base::sha256_hex(steps.canonical_request));
    steps.authorization = fmt::format("SignedHeaders={}", names);
    return steps;
}

void complete(Signature& steps, const base::Sha256& key, std::string_view access_key_id, std::string_view day,
              const SigningScope& scope) {
    steps.signature = base::hex(base::hmac_sha256(base::bytes(key), steps.string_to_sign));
    steps.authorization = fmt::format("{} Credential={}/{}, {}, Signature={}", algorithm, access_key_id,
                                      scope_text(day, scope), steps.authorization, steps.signature);
}

void set_header(http::Headers& headers, std::string_view name, std::string value) {
    std::erase_if(headers, [&](const auto& header) { return base::equal_ignoring_case(header.name, name); });
    headers.push_back({std::string(name), std::move(value)});
}

}  // namespace

base::Sha256 signing_key(std::string_view secret_access_key, std::string_view day,
                         const SigningScope& scope) {
    auto key = base::hmac_sha256(fmt::format("AWS4{}", secret_access_key), day);
    key = base::hmac_sha256(base::bytes(key), scope.region);
    key = base::hmac_sha256(base::bytes(key), scope.service);
    return base::hmac_sha256(base::bytes(key), "aws4_request");
}

base::Sha256 SigningKeys::get(const std::string& secret_access_key, const std::string& day,
                              const SigningScope& scope) {
    constexpr std::size_t entries_max = 16;
    for (const auto& entry : entries_) {
        if (entry.day == day && entry.scope == scope && entry.secret_access_key == secret_access_key) {
            return entry.key;
        }
    }
    if (entries_.size() == entries_max) {
        entries_.erase(entries_.begin());
    }
    entries_.push_back({secret_access_key, day, scope, signing_key(secret_access_key, day, scope)});
    return entries_.back().key;
}

Signature sign(http::Request& request, const Credentials& credentials, const SigningScope& scope,
               base::Time time, const SigningOptions& options, SigningKeys* keys) {
    const auto timestamp = base::format_basic_time(time);
    const auto day = timestamp.substr(0, 8);
    set_header(request.headers, "X-Amz-Date", timestamp);
    if (!credentials.session_token.empty()) {
        set_header(request.headers, "X-Amz-Security-Token", credentials.session_token);
    }
    if (options.content_sha256) {
        set_header(request.headers, "X-Amz-Content-Sha256", base::sha256_hex(request.body));
    }
    auto headers = canonical_headers(request.headers);
    for (const auto name : never_signed) {
        headers.erase(std::string(name));
    }
    auto signature = unsigned_steps(request, headers, timestamp, day, scope, options.normalize_path);
    const auto key = keys != nullptr ? keys->get(credentials.secret_access_key, day, scope)
                                     : signing_key(credentials.secret_access_key, day, scope);
    complete(signature, key, credentials.access_key_id, day, scope);
    set_header(request.headers, "Authorization", signature.authorization);
    return signature;
}

base::Result<Authorization> parse_authorization(std::string_view header) {
    if (!header.starts_with(algorithm)) {
        return base::fail(fmt::format("the Authorization header does not begin with {}", algorithm));
    }
    header.remove_prefix(algorithm.size());
    std::map<std::string_view, std::string_view> parts;
    for (const auto part : base::split(header, ',')) {
        const auto [name, value] = base::split_once(base::trim(part), '=');
        parts[name] = value;
    }
    for (const std::string_view name : {"Credential", "SignedHeaders", "Signature"}) {
        if (parts[name].empty()) {
            return base::fail(fmt::format("the Authorization header has no {}", name));
        }
    }
    // A key id holds no slash.
    const auto credential = base::split(parts["Credential"], '/');
    if (credential.size() != 5 || credential[4] != "aws4_request") {
        return base::fail("Credential is not KEYID/day/region/service/aws4_request");
    }
    Authorization authorization{
        .access_key_id = std::string(credential[0]),
        .day = std::string(credential[1]),
        .scope = {.region = std::string(credential[2]), .service = std::string(credential[3])},
        .signed_headers = {},
        .signature = std::string(parts["Signature"]),
    };
    for (const auto name : base::split(parts["SignedHeaders"], ';')) {
        authorization.signed_headers.emplace_back(name);
    }
    return authorization;
}

base::Result<Signature> expected_signature(const http::Request& received, const Authorization& authorization,
                                           std::string_view secret_access_key,
                                           const SigningOptions& options) {
    const auto timestamp = http::find_header(received.headers, "X-Amz-Date");
    if (!timestamp) {
        return base::fail("the request has no X-Amz-Date");
    }
    const auto present = canonical_headers(received.headers);
    std::map<std::string, std::string> headers;
    for (const auto& name : authorization.signed_headers) {
        const auto found = present.find(name);
        if (found == present.end()) {
            return base::fail(fmt::format("the signed header {} is missing", name));
        }
        headers.insert(*found);
    }
    auto signature = unsigned_steps(received, headers, base::trim(*timestamp), authorization.day,
                                    authorization.scope, options.normalize_path);
    complete(signature, signing_key(secret_access_key, authorization.day, authorization.scope),
             authorization.access_key_id, authorization.day, authorization.scope);
    return signature;
}

}  // namespace aws
