#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fleet/forecast.hpp"
#include "fleet/record.hpp"
#include "store/transaction.hpp"

namespace web {

/// A name of a page of the list; the error says why its record cannot be read.
struct ListedRecord {
    std::string name;
    base::Result<fleet::Record> record;
};

/// One thing that health or readiness looks at.
struct Check {
    std::string name;     ///< one word: `queue`
    std::string problem;  ///< a sentence; empty: all is well
};

using Checks = std::vector<Check>;

/// What the endpoint needs of the rest of the house. Coroutines answer a base::Error when they cannot; its
/// sentence goes to the log, never to the caller.
struct Backend {
    /// Names whose records could not be read when the store was opened, each with a sentence of why: nothing
    /// is done for them until a person has seen to it.
    std::map<std::string, std::string, std::less<>> unreadable;

    /// The record of a name, or nothing.
    std::function<boost::asio::awaitable<base::Result<std::optional<fleet::Record>>>(std::string name)> find;

    /// At most `limit` names after `after`, in their order.
    std::function<boost::asio::awaitable<base::Result<std::vector<ListedRecord>>>(std::string after,
                                                                                  std::size_t limit)>
        list;

    /// Entries of the journal numbered below `below`, newest first: of one name, or of all where it is empty.
    std::function<boost::asio::awaitable<base::Result<std::vector<store::NumberedEntry>>>(
        std::string name, std::size_t limit, std::uint64_t below)>
        history;

    /// Messages that could not be used, numbered below `below`, newest first.
    std::function<boost::asio::awaitable<base::Result<std::vector<store::RejectedMessage>>>(
        std::size_t limit, std::uint64_t below)>
        rejected;

    /// When a message with this id was taken in, or nothing when none was, or long ago.
    std::function<boost::asio::awaitable<base::Result<std::optional<base::Time>>>(std::string id)> seen;

    /// Whose DNS name this is, by its key in fleet::Keys; or nothing.
    std::function<boost::asio::awaitable<base::Result<std::optional<std::string>>>(std::string key)>
        owner_of_dns;

    /// What became of a command, or nothing when the manager has not taken one with this uid.
    std::function<boost::asio::awaitable<base::Result<std::optional<store::Command>>>(std::string uid)>
        command;

    /// Sends a signed command to the queue; returns when the queue has it.
    std::function<boost::asio::awaitable<base::Result<void>>(std::string body)> publish;

    /// The names that are, or are about to be, without a machine; the most urgent first.
    std::function<std::vector<fleet::Forecast>()> replacements;

    std::string command_key;  ///< signs commands

    std::function<Checks()> health;        ///< do the loops move?
    std::function<Checks()> readiness;     ///< queue, store, credentials
    std::function<std::string()> metrics;  ///< Prometheus's text format

    /// Every call that was answered, by its route's pattern (`/instances/{}`, or `none`); may be empty.
    std::function<void(std::string_view route, std::string_view method, int status)> observe;

    std::function<void(std::string sentence)> log_error;
    std::function<base::Time()> now = base::wall_now;
};

}  // namespace web
