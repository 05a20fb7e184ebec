#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace http {

/// Host names to addresses, remembered for a while. Asio resolves with getaddrinfo on one thread that cannot
/// be interrupted: a look-up is shared by all who wait for it and goes on alone when they give up.
class Resolver {
  public:
    explicit Resolver(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// Fills `addresses` in the system's order of preference. An address as host is itself.
    boost::asio::awaitable<boost::system::error_code> resolve(
        std::string host, std::vector<boost::asio::ip::address>* addresses);

  private:
    struct Lookup;
    static boost::asio::awaitable<void> look_up(std::string host, std::shared_ptr<Lookup> lookup);

    boost::asio::any_io_executor executor_;
    std::map<std::string, std::shared_ptr<Lookup>> lookups_;
};

}  // namespace http
