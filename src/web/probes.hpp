#pragma once

#include "web/call.hpp"

/// What machines ask: probes and the scrape; and where everything is.
namespace web {

/// GET /
boost::asio::awaitable<http::Response> show_index(Context* context, Call call);

/// GET /openapi.yaml
boost::asio::awaitable<http::Response> show_description(Context* context, Call call);

/// GET /healthz: 200 while the loops move, else 503.
boost::asio::awaitable<http::Response> show_health(Context* context, Call call);

/// GET /readyz: 200 when queue, store and credentials can be used, else 503.
boost::asio::awaitable<http::Response> show_readiness(Context* context, Call call);

/// GET /metrics
boost::asio::awaitable<http::Response> show_metrics(Context* context, Call call);

}  // namespace web
