#include "sim/client_tokens.hpp"

#include "base/hash.hpp"

namespace sim {

namespace {
constexpr std::size_t tokens_max = 100'000;
}  // namespace

Answer<std::vector<std::string>> ClientTokens::find(const std::string& operation, const std::string& token,
                                                    const std::string& parameters,
                                                    std::size_t bytes_max) const {
    if (token.empty()) {
        return {};
    }
    if (token.size() > bytes_max) {
        return refuse("InvalidClientToken", "The client token must be at most " + std::to_string(bytes_max) +
                                                " ASCII characters long.");
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
    if (token.empty()) {
        return;
    }
    const Key key{operation, token};
    uses_.insert_or_assign(key, Use{.parameters_hash = base::sha256_hex(parameters), .ids = std::move(ids)});
    order_.push_back(key);
    if (order_.size() > tokens_max) {
        uses_.erase(order_.front());
        order_.pop_front();
    }
}

}  // namespace sim
