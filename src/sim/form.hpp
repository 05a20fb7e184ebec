#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "sim/fault.hpp"

namespace sim {

/// The parameters of a query protocol call (`Filter.1.Value.2=running`), or of a URL's query. Reading never
/// fails at once: the first parameter that is wrong is remembered, to be asked for when all are read.
class Form {
  public:
    /// Malformed escapes are taken as they stand.
    static Form parse(std::string_view body);

    bool has(const std::string& name) const { return values_.contains(name); }
    /// Empty when it is absent.
    std::string text(const std::string& name) const;
    /// As text(), but its absence is a fault.
    std::string required(const std::string& name);
    /// `Name.1`, `Name.2`, ... in order of their numbers.
    std::vector<std::string> list(const std::string& name) const;
    /// `Name.1.*`, `Name.2.*`, ... each with its own parameters.
    std::vector<Form> groups(const std::string& name) const;
    /// What begins with `Name.`, without that.
    Form group(const std::string& name) const;
    std::optional<long> number(const std::string& name, long least, long most);
    bool boolean(const std::string& name);
    std::optional<base::Time> time(const std::string& name);

    void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
    /// These parameters, and of `below` those whose first part (`Tag` of `Tag.1.Key`) is none of these.
    Form over(const Form& below) const;
    /// Every parameter's name, in order.
    std::vector<std::string> names() const;

    void refuse(std::string code, std::string message);
    const std::optional<Fault>& fault() const { return fault_; }

    /// The same text for the same parameters, without those named.
    std::string canonical(const std::vector<std::string>& without) const;

  private:
    std::map<std::string, std::string> values_;
    std::optional<Fault> fault_;
};

}  // namespace sim
