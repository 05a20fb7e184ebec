#pragma once

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace web {

/// How long the pages of lists are.
inline constexpr std::uint64_t limit_default = 100;
inline constexpr std::uint64_t limit_max = 500;

/// A call's parameters, taken one by one. What is wrong with them, and any that nobody took, is told at the
/// end.
class Parameters {
  public:
    explicit Parameters(std::map<std::string, std::string> given) : given_(std::move(given)) {}

    std::optional<std::string> take(const std::string& name);

    /// From 1 to `most`; `otherwise` where it is not given.
    std::uint64_t take_number(const std::string& name, std::uint64_t otherwise, std::uint64_t most);

    /// `true` or `false`; false where it is not given.
    bool take_flag(const std::string& name);

    /// One of a described enumeration's words.
    template <class Enum>
    std::optional<Enum> take_word(const std::string& name) {
        const auto value = take(name);
        Enum word{};
        if (!value || boost::describe::enum_from_string(value->c_str(), word)) {
            return value ? std::optional(word) : std::nullopt;
        }
        std::string words;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>(
            [&](auto known) { words += (words.empty() ? "" : ", ") + std::string(known.name); });
        refuse(name, *value, "one of " + words);
        return std::nullopt;
    }

    /// The first thing that is wrong, in a sentence.
    std::optional<std::string> fault() const;

  private:
    void refuse(const std::string& name, std::string_view value, const std::string& right);

    std::map<std::string, std::string> given_;
    std::string known_;  ///< names, for the sentence
    std::optional<std::string> fault_;
};

}  // namespace web
