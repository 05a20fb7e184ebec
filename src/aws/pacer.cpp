#include "aws/pacer.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <map>
#include <utility>

namespace aws {
namespace {

namespace asio = boost::asio;

constexpr double slowest = 0.1;
constexpr double recovery_per_second = 0.1;

using Seconds = std::chrono::duration<double>;

}  // namespace

TokenBucket::TokenBucket(Rate rate, Point now) : rate_(rate), tokens_(rate.burst), updated_(now) {}

void TokenBucket::refill(Point now) {
    const double elapsed = std::max(0.0, Seconds(now - updated_).count());
    tokens_ = std::min(rate_.burst, tokens_ + elapsed * rate_.per_second * speed_);
    speed_ = std::min(1.0, speed_ + elapsed * recovery_per_second);
    updated_ = std::max(updated_, now);
}

bool TokenBucket::take(Point now) {
    refill(now);
    if (tokens_ < 1) {
        return false;
    }
    tokens_ -= 1;
    return true;
}

Rate TokenBucket::pace(Point now) {
    refill(now);
    return {.burst = tokens_, .per_second = rate_.per_second * speed_};
}

TokenBucket::Point TokenBucket::next(Point now) {
    refill(now);
    if (tokens_ >= 1) {
        return now;
    }
    const Seconds wait((1 - tokens_) / (rate_.per_second * speed_));
    // A millisecond more, so that rounding never wakes anyone too early.
    return now + std::chrono::ceil<std::chrono::milliseconds>(wait) + std::chrono::milliseconds(1);
}

void TokenBucket::throttled(Point now) {
    refill(now);
    tokens_ = 0;
    speed_ = std::max(slowest, speed_ / 2);
}

struct Pacer::State : std::enable_shared_from_this<Pacer::State> {
    struct Waiter {
        asio::steady_timer until_deadline;
        bool served = false;
    };
    /// Order of service.
    using Place = std::pair<Priority, std::uint64_t>;

    State(const asio::any_io_executor& executor, Rate rate)
        : bucket(rate, TokenBucket::Point::clock::now()), next_token(executor) {}

    /// Hands out the tokens that there are, and comes back when there will be the next.
    void serve() {
        const auto now = TokenBucket::Point::clock::now();
        while (!waiters.empty() && bucket.take(now)) {
            auto& waiter = *waiters.begin()->second;
            waiters.erase(waiters.begin());
            waiter.served = true;
            waiter.until_deadline.cancel();
        }
        if (waiters.empty()) {
            next_token.cancel();
            return;
        }
        next_token.expires_at(bucket.next(now));
        next_token.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            if (const auto state = weak.lock(); state && !error) {
                state->serve();
            }
        });
    }

    TokenBucket bucket;
    asio::steady_timer next_token;
    std::map<Place, Waiter*> waiters;
    std::uint64_t arrivals = 0;
};

Pacer::Pacer(asio::any_io_executor executor, Rate rate) : state_(std::make_shared<State>(executor, rate)) {}

Pacer::~Pacer() {
    state_->next_token.cancel();
}

asio::awaitable<bool> Pacer::wait(Priority priority, Deadline deadline) {
    const auto state = state_;
    State::Waiter waiter{asio::steady_timer(state->next_token.get_executor(), deadline.point())};
    const State::Place place{priority, state->arrivals++};
    state->waiters.emplace(place, &waiter);

    struct Leave {
        State& state;
        State::Place place;
        ~Leave() { state.waiters.erase(place); }
    };
    const Leave leave{*state, place};

    state->serve();
    if (!waiter.served) {
        const auto [error] = co_await waiter.until_deadline.async_wait(asio::as_tuple(asio::use_awaitable));
        if (error && !waiter.served) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }
    co_return waiter.served;
}

void Pacer::throttled() {
    state_->bucket.throttled(TokenBucket::Point::clock::now());
}

Rate Pacer::pace() const {
    return state_->bucket.pace(TokenBucket::Point::clock::now());
}

std::size_t Pacer::waiting() const {
    return state_->waiters.size();
}

}  // namespace aws
