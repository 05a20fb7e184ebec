#include "aws/sts.hpp"

#include "aws/query.hpp"
#include "aws/xml.hpp"

namespace aws {

Call build_get_caller_identity() {
    return QueryCall(Service::sts, "GetCallerIdentity", "2011-06-15").build();
}

Result<CallerIdentity> parse_get_caller_identity(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "GetCallerIdentityResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    const auto result = root->child("GetCallerIdentityResult");
    CallerIdentity identity{.account = xml::text(result, "Account"),
                            .arn = xml::text(result, "Arn"),
                            .user_id = xml::text(result, "UserId")};
    if (identity.account.empty() || identity.arn.empty()) {
        return unreadable("GetCallerIdentity: the answer has no Account or no Arn");
    }
    return identity;
}

boost::asio::awaitable<Result<CallerIdentity>> Sts::get_caller_identity(CallOptions options) {
    const auto response = co_await client_->call(build_get_caller_identity(), options);
    if (!response) {
        co_return std::unexpected(response.error());
    }
    co_return parse_get_caller_identity(response->body);
}

}  // namespace aws
