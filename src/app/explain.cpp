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

base::Result<std::string> ask(const Config& config, const std::string& name, const std::string& what) {
    http::Request request{.target = "/instances/" + base::percent_encode(name) + "/" + what,
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

int tell(const Config& config, const std::string& name, const std::string& what) {
    const auto said = ask(config, name, what);
    if (!said) {
        std::cerr << "spot-manager: " << said.error().message << '\n';
        return 1;
    }
    std::cout << *said;
    return 0;
}

}  // namespace

int explain(const Config& config, const std::string& name) {
    return tell(config, name, "explain");
}

int images(const Config& config, const std::string& name) {
    return tell(config, name, "images");
}

}  // namespace app
