#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault.hpp"

namespace sim {

/// The members of an AWS JSON call. As with Form, the first member that is wrong is remembered, to be asked
/// for when all are read.
class JsonReader {
  public:
    explicit JsonReader(const boost::json::object& object) : object_(object) {}

    /// Empty when it is absent.
    std::string text(std::string_view name);
    std::string required(std::string_view name);
    std::optional<long> number(std::string_view name, long least, long most);
    std::vector<std::string> texts(std::string_view name);
    std::map<std::string, std::string> text_map(std::string_view name);
    std::vector<boost::json::object> objects(std::string_view name);
    boost::json::object object(std::string_view name);

    void refuse(std::string code, std::string message);
    const std::optional<Fault>& fault() const { return fault_; }

  private:
    /// Null when it is absent or null.
    const boost::json::value* find(std::string_view name) const;
    void wrong_type(std::string_view name, std::string_view expected);

    const boost::json::object& object_;
    std::optional<Fault> fault_;
};

}  // namespace sim
