#pragma once

#include "web/call.hpp"

/// The images of a name's machines.
namespace web {

/// GET /instances/{name}/images: the chain, newest first, in JSON or, for who asks for text/plain, in lines.
boost::asio::awaitable<http::Response> list_images(Context* context, Call call);

/// POST /instances/{name}/image: one now.
boost::asio::awaitable<http::Response> make_image(Context* context, Call call);

/// POST /instances/{name}/image/test: a machine boots from the newest candidate, beside what serves.
boost::asio::awaitable<http::Response> test_image(Context* context, Call call);

}  // namespace web
