#include "aws/credentials_cache.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <tuple>
#include <utility>

namespace aws {
namespace {

namespace asio = boost::asio;

constexpr base::Duration advisory = std::chrono::minutes{15};
constexpr base::Duration mandatory = std::chrono::minutes{10};
/// Before sources that failed, or that gave credentials about to expire, are asked again.
constexpr base::Duration pause_after_refresh = std::chrono::minutes{1};

}  // namespace

struct CredentialsCache::State {
    enum class Need { nothing, soon, now };

    State(const asio::any_io_executor& where, std::vector<CredentialsSource> chain, WallClock clock)
        : executor(where),
          sources(std::move(chain)),
          wall_clock(std::move(clock)),
          refreshed(where, asio::steady_timer::time_point::max()) {}

    Need need() const {
        const auto now = wall_clock();
        if (!current || rejected) {
            return Need::now;
        }
        if (!current->expiration || *current->expiration - now > advisory || now < not_before) {
            return Need::nothing;
        }
        return *current->expiration - now > mandatory ? Need::soon : Need::now;
    }

    asio::any_io_executor executor;
    std::vector<CredentialsSource> sources;
    WallClock wall_clock;

    std::optional<Credentials> current;
    std::string source;     ///< where the current ones are from
    bool rejected = false;  ///< AWS does not take the current ones
    std::string failure;    ///< of the last refresh
    base::Time not_before;  ///< of the next one

    bool refreshing = false;
    asio::steady_timer refreshed;  ///< never expires: its cancellation wakes all who wait
    /// Of the refresh under way. Each has its own: the one before may not have been cleared away when the
    /// next begins, and two that share a slot destroy each other's handler.
    std::shared_ptr<asio::cancellation_signal> stop;
};

namespace {

/// The first source that has credentials, or what is wrong with the first that fails.
asio::awaitable<base::Result<std::pair<Credentials, std::string>>> ask(
    const std::vector<CredentialsSource>* sources) {
    std::string empty;
    for (const auto& source : *sources) {
        auto found = co_await source.fetch();
        if (!found) {
            co_return base::fail(fmt::format("{}: {}", source.name, found.error().message));
        }
        if (*found) {
            co_return std::pair(std::move(**found), source.name);
        }
        empty += fmt::format("{}{}", empty.empty() ? "" : ", ", source.name);
    }
    co_return base::fail(fmt::format("no AWS credentials are configured; looked in: {}", empty));
}

}  // namespace

CredentialsCache::CredentialsCache(asio::any_io_executor executor, std::vector<CredentialsSource> sources,
                                   WallClock wall_clock)
    : state_(std::make_shared<State>(executor, std::move(sources), std::move(wall_clock))) {}

CredentialsCache::~CredentialsCache() {
    // On the executor: emitting elsewhere would leave Asio with a pointer into the state that goes now.
    if (state_->refreshing) {
        asio::post(state_->executor, [state = state_] {
            if (state->refreshing) {
                state->stop->emit(asio::cancellation_type::terminal);
            }
        });
    }
}

asio::awaitable<void> CredentialsCache::refresh(std::shared_ptr<State> state) {
    struct Done {
        State& state;
        ~Done() {
            state.refreshing = false;
            state.refreshed.cancel();
        }
    };
    const Done done{*state};
    state->failure = "the refresh was interrupted";
    auto found = co_await ask(&state->sources);
    const auto now = state->wall_clock();
    if (!found) {
        state->failure = std::move(found.error().message);
        state->not_before = now + pause_after_refresh;
        co_return;
    }
    state->failure.clear();
    state->rejected = false;
    std::tie(state->current, state->source) = std::move(*found);
    state->not_before = now + pause_after_refresh;
}

asio::awaitable<base::Result<Credentials>> CredentialsCache::get() {
    const auto state = state_;
    const auto need = state->need();
    if (need != State::Need::nothing && !state->refreshing) {
        state->refreshing = true;
        // Not the caller's own work: a caller that gives up must not take it from the others.
        state->stop = std::make_shared<asio::cancellation_signal>();
        auto when_done = [stop = state->stop](const std::exception_ptr&) {};
        asio::co_spawn(state->executor, refresh(state),
                       asio::bind_cancellation_slot(state->stop->slot(), std::move(when_done)));
    }
    // Sources without I/O may have answered already.
    if (need == State::Need::now && state->refreshing) {
        co_await state->refreshed.async_wait(asio::as_tuple(asio::use_awaitable));
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }
    if (!state->current || state->rejected) {
        co_return base::fail(state->failure);
    }
    co_return *state->current;
}

void CredentialsCache::reject(const Credentials& credentials) {
    if (state_->current == credentials) {
        state_->rejected = true;
    }
}

std::string CredentialsCache::source() const {
    return state_->source;
}

}  // namespace aws
