#include "aws/credentials_chain.hpp"

#include <utility>

#include "aws/credentials_environment.hpp"
#include "aws/credentials_imds.hpp"
#include "aws/credentials_profile.hpp"

namespace aws {

std::vector<CredentialsSource> default_chain(const Environment& environment, const SharedConfig& config,
                                             std::shared_ptr<InstanceMetadata> metadata) {
    std::vector<CredentialsSource> chain = {environment_source(environment), profile_source(config)};
    if (metadata) {
        chain.push_back(imds_source(std::move(metadata)));
    }
    return chain;
}

}  // namespace aws
