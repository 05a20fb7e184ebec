#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "sim/fault.hpp"
#include "sim/json_reader.hpp"
#include "sim/queues.hpp"
#include "sim/service.hpp"
#include "sim/settings.hpp"

namespace sim {

/// SQS in AWS JSON 1.0.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
class SqsApi {
  public:
    /// `base_url` begins the queues' URLs: `http://127.0.0.1:4566`.
    SqsApi(Timeline& timeline, const base::Clock& clock, const Settings& settings, Queues& queues,
           const std::string& base_url);

    boost::asio::awaitable<http::Response> answer(Call call);

    std::string url(const std::string& queue) const;

  private:
    using Object = boost::json::object;
    struct Received;

    Answer<Object> create_queue(JsonReader& in, const Principal& sender);
    Answer<Object> delete_queue(JsonReader& in, const Principal& sender);
    Answer<Object> list_queues(JsonReader& in, const Principal& sender);
    Answer<Object> get_queue_url(JsonReader& in, const Principal& sender);
    Answer<Object> get_queue_attributes(JsonReader& in, const Principal& sender);
    Answer<Object> set_queue_attributes(JsonReader& in, const Principal& sender);
    Answer<Object> send_message(JsonReader& in, const Principal& sender);
    Answer<Object> send_message_batch(JsonReader& in, const Principal& sender);
    Answer<Object> delete_message(JsonReader& in, const Principal& sender);
    Answer<Object> delete_message_batch(JsonReader& in, const Principal& sender);
    Answer<Object> change_visibility(JsonReader& in, const Principal& sender);
    Answer<Object> change_visibility_batch(JsonReader& in, const Principal& sender);
    Answer<Object> purge_queue(JsonReader& in, const Principal& sender);
    boost::asio::awaitable<Answer<Object>> receive_message(Object in, std::function<bool()> caller_is_there);

    Answer<Object> send_one(const std::string& queue, JsonReader& in, const Principal& sender);
    /// Does `one` for each entry; what it refuses goes to `Failed`.
    Answer<Object> batch(JsonReader& in, const std::function<Answer<Object>(JsonReader&)>& one) const;
    Answer<Object> dispatch(const std::string& operation, JsonReader& in, const Principal& sender);

    Timeline& timeline_;
    const base::Clock& clock_;
    const Settings& settings_;
    Queues& queues_;
    const std::string& base_url_;
};

}  // namespace sim
