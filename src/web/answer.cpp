#include "web/answer.hpp"

#include <boost/json/serialize.hpp>

namespace web {

namespace json = boost::json;

http::Response json_answer(int status, const json::value& body) {
    return {status,
            {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
            json::serialize(body) + "\n"};
}

http::Response problem(int status, std::string detail, const base::FieldErrors& errors) {
    // `type` is left out, which means about:blank: the status says what kind of problem it is.
    json::object document{{"title", http::reason_phrase(status)}, {"status", status}, {"detail", detail}};
    if (!errors.empty()) {
        json::array list;
        for (const auto& error : errors) {
            list.push_back({{"path", error.path}, {"message", error.message}});
        }
        document["errors"] = std::move(list);
    }
    return {status,
            {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
            json::serialize(document) + "\n"};
}

}  // namespace web
