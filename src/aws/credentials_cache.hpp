#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "aws/credentials_source.hpp"
#include "aws/transport.hpp"
#include "base/result.hpp"

namespace aws {

/// The chain of sources, in order, and what it found. Refreshed in the background from 15 minutes before
/// expiry and, when that fails, by the callers themselves from 10 minutes before; one refresh at a time.
/// Credentials that a failing source cannot renew are used to their end and a little beyond, since AWS may
/// extend them.
class CredentialsCache {
  public:
    CredentialsCache(boost::asio::any_io_executor executor, std::vector<CredentialsSource> sources,
                     WallClock wall_clock);
    ~CredentialsCache();
    CredentialsCache(const CredentialsCache&) = delete;
    CredentialsCache& operator=(const CredentialsCache&) = delete;

    /// The error says what each source answered.
    boost::asio::awaitable<base::Result<Credentials>> get();

    /// AWS called these expired or unknown: the next get() asks the sources again, unless that has been done
    /// already.
    void reject(const Credentials& credentials);

    /// The source that the present credentials are from; empty before the first.
    std::string source() const;

  private:
    struct State;
    static boost::asio::awaitable<void> refresh(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

}  // namespace aws
