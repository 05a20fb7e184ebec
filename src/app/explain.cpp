#include "app/explain.hpp"

#include <boost/json/parse.hpp>
#include <iostream>

#include "app/ask.hpp"
#include "base/text.hpp"
#include "web/tokens.hpp"

namespace app {
namespace {

/// The sentence of a problem document; else the whole, cut.
std::string sentence_of(const http::Response& answer) {
    boost::system::error_code error;
    const auto document = boost::json::parse(answer.body, error);
    const auto* detail =
        !error && document.is_object() ? document.as_object().if_contains("detail") : nullptr;
    return detail && detail->is_string()
               ? std::string(detail->as_string())
               : std::to_string(answer.status) + ": " + std::string(base::cut(answer.body, 200));
}

base::Result<std::string> ask_why(const Config& config, const std::string& name) {
    http::Request request{.target = "/instances/" + base::percent_encode(name) + "/explain",
                          .headers = {{"Accept", "text/plain"}}};
    if (!config.tokens_file.empty()) {
        auto token = web::token_that_reads(config.tokens_file);
        if (!token) {
            return std::unexpected(token.error());
        }
        request.headers.push_back({"Authorization", "Bearer " + *token});
    }
    auto answer = ask_manager(config, std::move(request));
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (answer->status != 200) {
        return base::fail(sentence_of(*answer));
    }
    return std::move(answer->body);
}

}  // namespace

int explain(const Config& config, const std::string& name) {
    const auto said = ask_why(config, name);
    if (!said) {
        std::cerr << "spot-manager: " << said.error().message << '\n';
        return 1;
    }
    std::cout << *said;
    return 0;
}

}  // namespace app
