#pragma once

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace manager {

/// Whether an exception is a coroutine's cancellation, which goes on upwards, and no fault.
inline bool is_cancellation(const std::exception& exception) {
    const auto* error = dynamic_cast<const boost::system::system_error*>(&exception);
    return error && error->code() == boost::asio::error::operation_aborted;
}

/// For what tells of our cancellation in another way than by an exception.
[[noreturn]] inline void throw_cancellation() {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
}

}  // namespace manager
