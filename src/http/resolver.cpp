#include "http/resolver.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/text.hpp"

namespace http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto remembered_for = std::chrono::seconds{30};
constexpr std::size_t remembered_max = 256;

}  // namespace

struct Resolver::Lookup {
    explicit Lookup(const asio::any_io_executor& executor)
        : finished(executor, asio::steady_timer::time_point::max()) {}

    asio::steady_timer finished;  ///< never fires; cancelled when the answer is there
    bool done = false;
    error_code error;
    std::vector<asio::ip::address> addresses;
    std::chrono::steady_clock::time_point answered_at;
};

asio::awaitable<error_code> Resolver::resolve(std::string host, std::vector<asio::ip::address>* addresses) {
    error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        *addresses = {address};
        co_return error_code();
    }
    if (base::equal_ignoring_case(host, "localhost")) {
        // RFC 6761, 6.3: always loopback; a system without /etc/hosts does not know it.
        *addresses = {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
        co_return error_code();
    }

    auto& known = lookups_[host];
    const bool usable =
        known && (!known->done ||
                  (!known->error && std::chrono::steady_clock::now() - known->answered_at < remembered_for));
    if (!usable) {
        known = std::make_shared<Lookup>(executor_);
        asio::co_spawn(executor_, look_up(host, known), asio::detached);
    }
    const auto lookup = known;
    if (lookups_.size() > remembered_max) {
        lookups_.clear();
    }
    if (!lookup->done) {
        co_await lookup->finished.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (!lookup->done) {
        co_return asio::error::operation_aborted;
    }
    *addresses = lookup->addresses;
    co_return lookup->error;
}

asio::awaitable<void> Resolver::look_up(std::string host, std::shared_ptr<Lookup> lookup) {
    asio::ip::tcp::resolver resolver(lookup->finished.get_executor());
    auto [error, results] = co_await resolver.async_resolve(host, "", asio::as_tuple(asio::use_awaitable));
    for (const auto& result : results) {
        lookup->addresses.push_back(result.endpoint().address());
    }
    lookup->error = error;
    lookup->answered_at = std::chrono::steady_clock::now();
    lookup->done = true;
    lookup->finished.cancel();
}

}  // namespace http
