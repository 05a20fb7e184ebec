#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/transport.hpp"
#include "base/text.hpp"

/// AWS for the manager's tests: answers each operation as it was told, and keeps what it was asked.
class FakeAws {
  public:
    using Answer = std::expected<http::Response, http::TransportError>;
    using Responder = std::function<Answer(const http::Request&)>;

    /// AWS's name of the operation that a call is about.
    static std::string operation_of(const http::Request& request) {
        if (const auto target = http::find_header(request.headers, "X-Amz-Target")) {
            return std::string(base::split_once(*target, '.').second);
        }
        if (request.target.starts_with("/2013-04-01")) {
            const std::string_view path = base::split_once(request.target, '?').first;
            return path.contains("/change/")             ? "GetChange"
                   : path.contains("/hostedzonesbyname") ? "ListHostedZonesByName"
                   : request.method == "POST"            ? "ChangeResourceRecordSets"
                                                         : "ListResourceRecordSets";
        }
        return std::string(base::split_once(base::split_once(request.body, '&').first, '=').second);
    }

    static Responder ok(std::string body) {
        return [body = std::move(body)](const http::Request&) -> Answer {
            return http::Response{200, {}, body};
        };
    }

    /// An error answer in EC2's form, which every protocol's reader understands.
    static Responder refuse(const std::string& code, int status = 400) {
        const auto body = "<Response><Errors><Error><Code>" + code +
                          "</Code><Message>as the test says</Message></Error></Errors></Response>";
        return [=](const http::Request&) -> Answer { return http::Response{status, {}, body}; };
    }

    /// The call was sent, and nobody knows what became of it.
    static Responder lose() {
        return [](const http::Request&) -> Answer {
            return std::unexpected(
                http::TransportError{http::TransportError::Kind::reset, true, false, "as the test says"});
        };
    }

    /// The next answer to the operation; when there are none left, always()'s.
    void once(const std::string& operation, Responder responder) {
        answers_[operation].next.push_back(std::move(responder));
        wake(operation);
    }
    void always(const std::string& operation, Responder responder) {
        answers_[operation].standing = std::move(responder);
        wake(operation);
    }

    /// Calls of the operation wait for once(), as all do of which nothing was said.
    void hold(const std::string& operation) { answers_[operation].standing = nullptr; }

    /// The calls of an operation, in order.
    std::vector<http::Request> asked(std::string_view operation) const {
        std::vector<http::Request> requests;
        for (const auto& [name, request] : asked_) {
            if (name == operation) {
                requests.push_back(request);
            }
        }
        return requests;
    }
    std::size_t count(std::string_view operation) const { return asked(operation).size(); }

    /// The operations, in order.
    std::vector<std::string> operations() const {
        std::vector<std::string> names;
        for (const auto& [name, request] : asked_) {
            names.push_back(name);
        }
        return names;
    }

    aws::Send send() {
        return [this](http::Origin, http::Request request, http::CallLimits) {
            return answer(std::move(request));
        };
    }

  private:
    struct Answers {
        std::deque<Responder> next;
        Responder standing;
        std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting;
    };

    void wake(const std::string& operation) {
        for (const auto& waiting : std::exchange(answers_[operation].waiting, {})) {
            waiting->cancel();
        }
    }

    boost::asio::awaitable<Answer> answer(http::Request request) {
        const auto operation = operation_of(request);
        asked_.emplace_back(operation, request);
        auto& answers = answers_[operation];
        while (answers.next.empty() && !answers.standing) {
            const auto wait = std::make_shared<boost::asio::steady_timer>(
                co_await boost::asio::this_coro::executor, boost::asio::steady_timer::time_point::max());
            answers.waiting.push_back(wait);
            co_await wait->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
        if (answers.next.empty()) {
            co_return answers.standing(request);
        }
        const auto next = std::move(answers.next.front());
        answers.next.pop_front();
        co_return next(request);
    }

    std::map<std::string, Answers> answers_;
    std::vector<std::pair<std::string, http::Request>> asked_;
};

/// AWS's answers, with what the manager reads of them.
namespace answers {

inline std::string item(std::string_view name, std::string_view value) {
    return "<" + std::string(name) + ">" + std::string(value) + "</" + std::string(name) + ">";
}

/// RequestSpotInstances and DescribeSpotInstanceRequests.
inline std::string spot_request(std::string_view operation, std::string_view id,
                                std::string_view state = "open", std::string_view machine = {}) {
    const auto one = item("spotInstanceRequestId", id) + item("state", state) +
                     (machine.empty() ? "" : item("instanceId", machine));
    return item(std::string(operation) + "Response",
                item("spotInstanceRequestSet", id.empty() ? "" : item("item", one)));
}

struct Machine {
    std::string id;
    std::string state = "running";
    std::string private_address;
};

inline std::string machines(const std::vector<Machine>& machines) {
    std::string items;
    for (const auto& machine : machines) {
        items +=
            item("item", item("instanceId", machine.id) + item("instanceState", item("name", machine.state)) +
                             item("privateIpAddress", machine.private_address));
    }
    return item("DescribeInstancesResponse",
                item("reservationSet", item("item", item("instancesSet", items))));
}

/// ChangeResourceRecordSets and GetChange.
inline std::string change(std::string_view id, std::string_view status = "PENDING") {
    return item("ChangeResponse",
                item("ChangeInfo", item("Id", "/change/" + std::string(id)) + item("Status", status)));
}

struct Zone {
    std::string id;
    std::string name;
    bool private_zone = false;
};

inline std::string zones(const std::vector<Zone>& zones, std::string_view rest = {}) {
    std::string items;
    for (const auto& zone : zones) {
        items +=
            item("HostedZone", item("Id", "/hostedzone/" + zone.id) + item("Name", zone.name) +
                                   item("Config", item("PrivateZone", zone.private_zone ? "true" : "false")));
    }
    return item("ListHostedZonesByNameResponse", item("HostedZones", items) + std::string(rest));
}

inline std::string records(std::string_view items = {}) {
    return item("ListResourceRecordSetsResponse", item("ResourceRecordSets", items));
}

}  // namespace answers
