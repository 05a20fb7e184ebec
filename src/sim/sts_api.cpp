#include "sim/sts_api.hpp"

#include <pugixml.hpp>

#include "sim/form.hpp"
#include "sim/xml.hpp"

namespace sim {

http::Response answer_sts(const Settings& settings, const Call& call) {
    const auto operation = Form::parse(call.request.body).text("Action");
    if (operation != "GetCallerIdentity") {
        const Fault fault{.code = "InvalidAction",
                          .message = "Could not find operation " + operation + " for version 2011-06-15"};
        return write_fault(Service::sts, fault, call.request_id, call.request);
    }
    pugi::xml_document document;
    auto response = document.append_child("GetCallerIdentityResponse");
    response.append_attribute("xmlns") = "https://sts.amazonaws.com/doc/2011-06-15/";
    auto result = response.append_child("GetCallerIdentityResult");
    add(result, "Arn", call.principal.arn);
    add(result, "UserId", call.principal.user_id);
    add(result, "Account", settings.account);
    add(response.append_child("ResponseMetadata"), "RequestId", call.request_id);
    return xml_response(print(document), call.request_id);
}

}  // namespace sim
