#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials_cache.hpp"
#include "aws/deadline.hpp"
#include "aws/endpoints.hpp"
#include "aws/error.hpp"
#include "aws/pacer.hpp"
#include "aws/settings.hpp"
#include "aws/transport.hpp"

namespace aws {

/// A call as built: unsigned, without Host, its target from the service's root.
struct Call {
    Service service = Service::sts;
    std::string operation;  ///< AWS's name: `DescribeInstances`
    http::Request request;
    bool repeatable = true;         ///< doing it twice does no harm, so an unknown outcome may be tried again
    base::Duration server_time{0};  ///< how long the server may rightly keep us waiting: a long poll
};

/// What the caller of any operation may say.
struct CallOptions {
    Priority priority = priority_normal;
    Deadline deadline = Deadline::in(std::chrono::seconds{30});  ///< for everything: waiting, tries, pauses
    /// The wait for the first attempt's turn does not count against the deadline: to have to wait is no
    /// failure.
    bool patient = false;
    /// The operation for which the caller has taken a turn: its first attempt leaves at once.
    std::string_view has_turn_for = {};
};

/// One attempt, for metrics and logs.
struct AttemptReport {
    Service service = Service::sts;
    std::string operation;
    int attempt = 1;
    base::Duration waited{0};    ///< for its turn
    base::Duration duration{0};  ///< from sending to the answer; zero when nothing was sent
    std::optional<Error> error;  ///< nothing: success
};

struct ClientParts {
    boost::asio::any_io_executor executor;
    Send send;
    std::shared_ptr<CredentialsCache> credentials;
    WallClock wall_clock;
    std::function<double()> random;                     ///< from 0 to 1, for the jitter
    std::function<void(const AttemptReport&)> observe;  ///< may be empty
};

/// The one way to AWS: paces, signs, sends, classifies, retries. Holds the endpoints of one region. For one
/// executor.
class Client {
  public:
    /// The error names the setting: an empty region or an override that is no URL.
    static base::Result<std::unique_ptr<Client>> make(ClientParts parts, const Settings& settings);
    ~Client();

    /// The answer's success response, or the error of the last attempt. At most Settings::attempts_max
    /// attempts, each signed afresh, within the deadline; full jitter between them. Cancellation ends it at
    /// once.
    boost::asio::awaitable<Result<http::Response>> call(Call call, CallOptions options);

    /// Waits for a turn under the operation's limit, however long that takes; for CallOptions::has_turn_for.
    /// Whoever has much to do decides what goes next when its turn has come, and not before.
    boost::asio::awaitable<void> turn(Service service, std::string operation, Priority priority);

    /// How fast calls of the operation can leave from now on; nothing where AWS sets no limit.
    std::optional<Rate> pace(Service service, std::string_view operation);

    const std::string& region() const;

    /// Calls now waiting for their turn, by service.
    std::map<Service, std::size_t> waiting() const;

  private:
    struct Impl;
    explicit Client(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace aws
