#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"

namespace aws {

/// The form body of a call in EC2's or the query protocol.
class QueryCall {
  public:
    QueryCall(Service service, std::string operation, std::string_view version);

    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, bool value);
    void add(std::string_view name, int value);
    /// Left out when it is empty.
    void add_unless_empty(std::string_view name, std::string_view value);
    /// `Name.1`, `Name.2`, ...
    void add_list(std::string_view name, const std::vector<std::string>& values);

    Call build() &&;

  private:
    Service service_;
    std::string operation_;
    std::string body_;
};

}  // namespace aws
