#include "sim/control_faults.hpp"

#include <boost/json/array.hpp>

#include "base/json.hpp"

namespace sim {

namespace json = boost::json;

namespace {

base::Result<void> add_rules(Faults& faults, const std::string& body) {
    const auto document = base::parse_json(body);
    if (!document) {
        return base::fail(document.error());
    }
    const auto list = document->is_array() ? *document : json::value(json::array{*document});
    auto rules = base::from_json<std::vector<FaultRule>>(list, base::UnknownKeys::reject);
    if (!rules) {
        return base::fail(base::describe(rules.error()));
    }
    auto with_these = faults;
    for (auto& rule : *rules) {
        rule.struck = 0;
        if (auto added = with_these.add(std::move(rule)); !added) {
            return added;
        }
    }
    faults.replace_rules(with_these);
    return {};
}

}  // namespace

base::Result<json::object> answer_faults(Faults& faults, const std::string& method, const std::string& body) {
    if (method == "POST") {
        if (auto added = add_rules(faults, body); !added) {
            return std::unexpected(added.error());
        }
    } else if (method == "DELETE") {
        faults.clear();
    } else if (method != "GET") {
        return base::fail("faults are read by GET, added by POST and forgotten by DELETE, not " + method);
    }
    return json::object{{"faults", base::to_json(faults.rules())}};
}

}  // namespace sim
