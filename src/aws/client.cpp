#include "aws/client.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "aws/clock_skew.hpp"
#include "aws/limits.hpp"
#include "aws/retry.hpp"
#include "aws/sigv4.hpp"
#include "base/contains.hpp"

namespace aws {
namespace {

namespace asio = boost::asio;

/// An attempt longer than this is given up, whatever the deadline, so that there is time for another.
constexpr base::Duration attempt_time_max = std::chrono::seconds{15};
/// What is left of a published burst, so that calls which the network brings together are not too many.
constexpr double burst_share = 0.96;

Error own_error(ErrorClass kind, std::string code, std::string message) {
    Error error;
    error.kind = kind;
    error.code = std::move(code);
    error.message = std::move(message);
    return error;
}

/// Nothing was sent: an earlier attempt's error says more.
bool ended_by_deadline(const Error& error) {
    return error.code == "NoTurn" || error.code == "DeadlinePassed";
}

bool credentials_expired(const Error& error) {
    constexpr std::array<std::string_view, 4> codes = {"ExpiredToken", "ExpiredTokenException",
                                                       "RequestExpired", "InvalidToken"};
    return base::contains(codes, error.code);
}

}  // namespace

struct Client::Impl {
    /// What one attempt brought, and what it was made with.
    struct Attempt {
        std::expected<http::Response, Error> outcome;
        http::Headers answer;  ///< of an error answer
        std::optional<Credentials> credentials;
        base::Time signed_at;      ///< as the signature says
        base::Duration waited{0};  ///< for the pacer
        base::Duration took{0};    ///< from sending to the answer
    };

    /// What one call has had in its favour; each only once.
    struct Favours {
        bool clock = false;
        bool credentials = false;
    };

    ClientParts parts;
    std::string region;
    std::string user_agent;
    int attempts_max = 3;
    std::map<Service, Endpoint> endpoints;
    std::map<Service, base::Duration> clock_offsets;
    std::map<std::pair<Service, std::string>, std::unique_ptr<Pacer>> pacers;
    RetryQuota quota;
    SigningKeys keys;

    /// Null where nothing limits the call.
    Pacer* pacer_of(Service service, std::string_view operation) {
        const auto limit = limit_of(service, operation);
        if (!limit) {
            return nullptr;
        }
        auto& pacer = pacers[{service, limit->bucket}];
        if (!pacer) {
            auto rate = limit->rate;
            rate.burst *= burst_share;
            pacer = std::make_unique<Pacer>(parts.executor, rate);
        }
        return pacer.get();
    }

    http::Request signed_request(const Call& call, const Credentials& credentials, base::Time signed_at) {
        const auto& endpoint = endpoints.at(call.service);
        auto request = call.request;
        request.target = endpoint.path_prefix + request.target;
        request.headers.push_back({"Host", http::host_header(endpoint.origin)});
        sign(request, credentials, {.region = endpoint.signing_region, .service = endpoint.signing_name},
             signed_at, {}, &keys);
        request.headers.push_back({"User-Agent", user_agent});
        request.headers.push_back({"Accept-Encoding", "identity"});
        return request;
    }

    /// Counts the deadline from the turn where the caller is patient.
    asio::awaitable<Attempt> attempt(const Call* call, CallOptions* for_call, bool first) {
        Attempt made;
        auto& options = *for_call;
        auto* pacer = pacer_of(call->service, call->operation);
        if (pacer && !(first && options.has_turn_for == call->operation)) {
            const bool patient = first && options.patient;
            const auto asked = std::chrono::steady_clock::now();
            const auto time = options.deadline.remaining();
            const bool served =
                co_await pacer->wait(options.priority, patient ? Deadline::never() : options.deadline);
            made.waited =
                std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - asked);
            if (patient) {
                options.deadline = Deadline::in(time);
            }
            if (!served) {
                made.outcome = std::unexpected(
                    own_error(ErrorClass::throttled, "NoTurn", "the deadline came before the call's turn"));
                co_return made;
            }
        }
        auto credentials = co_await parts.credentials->get();
        if (!credentials) {
            made.outcome = std::unexpected(
                own_error(ErrorClass::auth, "NoCredentials", std::move(credentials.error().message)));
            co_return made;
        }
        made.credentials = std::move(*credentials);
        made.signed_at = parts.wall_clock() + clock_offsets[call->service];

        http::CallLimits limits;
        limits.total = std::min(options.deadline.remaining(), call->server_time + attempt_time_max);
        limits.connect = std::min(limits.connect, limits.total);
        if (limits.total <= base::Duration::zero()) {
            made.outcome = std::unexpected(
                own_error(ErrorClass::transient, "DeadlinePassed", "the deadline came before the call"));
            co_return made;
        }
        auto request = signed_request(*call, *made.credentials, made.signed_at);
        const auto began = std::chrono::steady_clock::now();
        auto answer = co_await parts.send(endpoints.at(call->service).origin, std::move(request), limits);
        made.took = std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - began);
        if (!answer) {
            made.outcome = std::unexpected(error_of(answer.error()));
        } else if (answer->status < 200 || answer->status > 299) {
            made.outcome = std::unexpected(error_of(*answer));
            made.answer = std::move(answer->headers);
        } else {
            made.outcome = std::move(*answer);
        }
        co_return made;
    }

    void report(const Call& call, int number, const Attempt& made) const {
        if (parts.observe) {
            parts.observe({.service = call.service,
                           .operation = call.operation,
                           .attempt = number,
                           .waited = made.waited,
                           .duration = made.took,
                           .error = made.outcome ? std::nullopt : std::optional(made.outcome.error())});
        }
    }

    /// Puts right what can be put right at once; true when the call is worth repeating then.
    bool mend(const Call& call, const Attempt& made, Favours& favours) {
        const auto& error = made.outcome.error();
        // A clock is not to be set by an answer that anyone may have written.
        if (endpoints.at(call.service).origin.tls && !favours.clock) {
            if (const auto ahead = clock_correction(error, made.answer, made.signed_at)) {
                clock_offsets[call.service] += *ahead;
                favours.clock = true;
                return true;
            }
        }
        if (credentials_expired(error) && made.credentials && !favours.credentials) {
            parts.credentials->reject(*made.credentials);
            favours.credentials = true;
            return true;
        }
        return false;
    }
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

base::Result<std::unique_ptr<Client>> Client::make(ClientParts parts, const Settings& settings) {
    auto impl = std::make_unique<Impl>();
    for (const auto service : {Service::sqs, Service::ec2, Service::route53, Service::sts}) {
        const auto url = settings.endpoint_urls.find(service);
        auto endpoint = resolve_endpoint(service, settings.region,
                                         url == settings.endpoint_urls.end() ? std::string() : url->second);
        if (!endpoint) {
            return std::unexpected(endpoint.error());
        }
        impl->endpoints.emplace(service, std::move(*endpoint));
    }
    impl->parts = std::move(parts);
    impl->region = settings.region;
    impl->user_agent = settings.user_agent;
    impl->attempts_max = settings.attempts_max;
    return std::unique_ptr<Client>(new Client(std::move(impl)));
}

asio::awaitable<Result<http::Response>> Client::call(Call call, CallOptions options) {
    auto& self = *impl_;
    Impl::Favours favours;
    std::optional<Error> retried;
    int retries = 0;
    for (int number = 1;; ++number) {
        auto made = co_await self.attempt(&call, &options, number == 1);
        self.report(call, number, made);
        if (made.outcome) {
            self.quota.refund(retried);
            co_return std::move(*made.outcome);
        }
        if (self.mend(call, made, favours)) {
            continue;
        }
        auto& error = made.outcome.error();
        if (retried && ended_by_deadline(error)) {
            co_return std::unexpected(std::move(*retried));
        }
        // Another batch in one zone is no sign of too many calls.
        if (error.kind == ErrorClass::throttled && error.status != 0 &&
            error.code != "PriorRequestNotComplete") {
            if (auto* pacer = self.pacer_of(call.service, call.operation)) {
                pacer->throttled();
            }
        }
        // What an earlier attempt may have done stays unknown, whatever the last one says.
        error.outcome_unknown = error.outcome_unknown || (retried && retried->outcome_unknown);
        const auto pause = backoff(error, retries, self.parts.random());
        if (!may_retry(error, call.repeatable) || retries + 1 >= self.attempts_max ||
            pause >= options.deadline.remaining() || !self.quota.pay(error)) {
            co_return std::unexpected(std::move(error));
        }
        asio::steady_timer timer(self.parts.executor, pause);
        co_await timer.async_wait(asio::use_awaitable);
        retried = std::move(error);
        ++retries;
    }
}

asio::awaitable<void> Client::turn(Service service, std::string operation, Priority priority) {
    if (auto* pacer = impl_->pacer_of(service, operation)) {
        co_await pacer->wait(priority, Deadline::never());
    }
}

std::optional<Rate> Client::pace(Service service, std::string_view operation) {
    const auto* pacer = impl_->pacer_of(service, operation);
    return pacer ? std::optional(pacer->pace()) : std::nullopt;
}

const std::string& Client::region() const {
    return impl_->region;
}

std::map<Service, std::size_t> Client::waiting() const {
    std::map<Service, std::size_t> waiting;
    for (const auto& [bucket, pacer] : impl_->pacers) {
        waiting[bucket.first] += pacer->waiting();
    }
    return waiting;
}

}  // namespace aws
