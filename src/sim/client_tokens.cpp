#include "sim/client_tokens.hpp"

#include <utility>

#include "base/hash.hpp"

namespace sim {

Answer<std::vector<std::string>> ClientTokens::find(const std::string& operation, const std::string& token,
                                                    const std::string& parameters) const {
    if (token.empty()) {
        return {};
    }
    if (token.size() > 64) {
        return refuse("InvalidClientToken", "The client token must be at most 64 ASCII characters long.");
    }
    const auto found = uses_.find({operation, token});
    if (found == uses_.end()) {
        return {};
    }
    if (found->second.parameters_hash != base::sha256_hex(parameters)) {
        return refuse("IdempotentParameterMismatch",
                      "Arguments on this idempotent request are inconsistent with arguments used in previous "
                      "request(s).");
    }
    return found->second.ids;
}

void ClientTokens::remember(const std::string& operation, const std::string& token,
                            const std::string& parameters, std::vector<std::string> ids) {
    if (!token.empty()) {
        uses_.insert_or_assign({operation, token},
                               Use{.parameters_hash = base::sha256_hex(parameters), .ids = std::move(ids)});
    }
}

}  // namespace sim
