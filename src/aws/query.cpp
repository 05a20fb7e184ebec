#include "aws/query.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"

namespace aws {

QueryCall::QueryCall(Service service, std::string operation, std::string_view version)
    : service_(service), operation_(std::move(operation)) {
    add("Action", operation_);
    add("Version", version);
}

void QueryCall::add(std::string_view name, std::string_view value) {
    body_ += fmt::format("{}{}={}", body_.empty() ? "" : "&", name, base::percent_encode(value));
}

void QueryCall::add(std::string_view name, bool value) {
    add(name, value ? std::string_view("true") : std::string_view("false"));
}

void QueryCall::add(std::string_view name, int value) {
    add(name, std::string_view(std::to_string(value)));
}

void QueryCall::add_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) {
        add(name, value);
    }
}

void QueryCall::add_list(std::string_view name, const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        add(fmt::format("{}.{}", name, i + 1), std::string_view(values[i]));
    }
}

Call QueryCall::build() && {
    Call call;
    call.service = service_;
    call.operation = std::move(operation_);
    call.request.method = "POST";
    call.request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    call.request.body = std::move(body_);
    return call;
}

}  // namespace aws
