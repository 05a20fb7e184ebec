#include "aws/transport.hpp"

#include <utility>

namespace aws {

Send send_by(http::Client& client) {
    return [&client](http::Origin origin, http::Request request, http::CallLimits limits) {
        return client.send(std::move(origin), std::move(request), limits);
    };
}

}  // namespace aws
