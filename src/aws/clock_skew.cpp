#include "aws/clock_skew.hpp"

#include <array>

#include "base/contains.hpp"
#include "base/text.hpp"

namespace aws {
namespace {

/// What services answer when the time of a signature is wrong, some of them for other causes too.
constexpr std::array<std::string_view, 4> ambiguous = {"AuthFailure", "InvalidSignatureException",
                                                       "RequestExpired", "SignatureDoesNotMatch"};

bool may_be_clock(const Error& error) {
    return error.kind == ErrorClass::clock || base::contains(ambiguous, error.code);
}

/// Both forms are met: `x-amz-date` is exact, `Date` comes with every answer.
std::optional<base::Time> server_time(const http::Headers& headers) {
    if (const auto exact = http::find_header(headers, "x-amz-date")) {
        if (const auto time = base::parse_basic_time(*exact)) {
            return time;
        }
    }
    const auto date = http::find_header(headers, "Date");
    return date ? base::parse_http_date(*date) : std::nullopt;
}

}  // namespace

std::optional<base::Duration> clock_correction(const Error& error, const http::Headers& answer,
                                               base::Time signed_at) {
    constexpr base::Duration tolerated = std::chrono::minutes{4};
    const auto theirs = server_time(answer);
    if (!may_be_clock(error) || !theirs) {
        return std::nullopt;
    }
    const auto ahead = *theirs - signed_at;
    return std::chrono::abs(ahead) < tolerated ? std::nullopt : std::optional(ahead);
}

}  // namespace aws
