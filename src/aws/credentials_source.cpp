#include "aws/credentials_source.hpp"

#include <utility>

namespace aws {
namespace {

boost::asio::awaitable<FoundCredentials> give(FoundCredentials found) {
    co_return found;
}

}  // namespace

CredentialsSource fixed_source(std::string name, FoundCredentials found) {
    return {.name = std::move(name), .fetch = [found = std::move(found)] { return give(found); }};
}

}  // namespace aws
