#include "manager/change_follower.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "manager/cancellation.hpp"

namespace manager {

namespace asio = boost::asio;

using Change = aws::Result<aws::ChangeInfo>;

asio::awaitable<Change> ChangeFollower::look(std::string change, aws::CallOptions options) {
    if (!under_way_.contains(change)) {
        under_way_[change];
        auto info = co_await ask(change, options);
        for (const auto& waiting : under_way_.extract(change).mapped()) {
            waiting->try_send(boost::system::error_code{}, info);
        }
        co_return info;
    }
    const auto answer = std::make_shared<Answer>(co_await asio::this_coro::executor, 1);
    under_way_[change].push_back(answer);
    auto [error, info] = co_await answer->async_receive(asio::as_tuple(asio::use_awaitable));
    if (error) {
        throw_cancellation();
    }
    co_return std::move(info);
}

/// A fault of ours must not leave the others waiting.
asio::awaitable<Change> ChangeFollower::ask(std::string change, aws::CallOptions options) {
    try {
        co_return co_await route53_.get_change(std::move(change), options);
    } catch (const std::exception& exception) {
        if (is_cancellation(exception)) {
            throw;
        }
        co_return aws::unreadable(exception.what());
    }
}

}  // namespace manager
