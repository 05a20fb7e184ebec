#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "sim/timeline.hpp"

namespace sim {

/// In what way the simulated AWS is unkind. The place that plays a fault names the kinds that it can play.
enum class FaultKind {
    // The call is not taken; the answer is the service's own refusal.
    throttle,
    unavailable,
    expired_credentials,  ///< and those credentials are good for nothing any more, but for the user's own
    access_denied,
    error,         ///< any code
    reset_before,  ///< the connection is reset, and the call was not taken
    // The call is taken.
    delay,        ///< after a while; an event: it comes late
    reset_after,  ///< its answer is lost
    cut,          ///< half of its answer comes
    oversized,    ///< its answer is larger than anyone should read
    html,         ///< a page comes instead of its answer, with status 200
    close,        ///< its answer comes, then the connection is closed without a word
    stale,        ///< a Describe call shows the account as it was a while ago
    pending,      ///< a DNS change takes longer to be in sync
    // Messages.
    duplicate,    ///< comes once more
    drop,         ///< an event never comes
    reorder,      ///< a batch comes in any order
    short_batch,  ///< fewer messages come than there are
};

/// `reset_before`: as rules name it.
std::string_view name_of(FaultKind kind);

/// A rule as the control API has it, and how often it has struck.
struct FaultRule {
    std::string service = "*";           ///< ec2, route53, sqs, sts, events
    std::string operation = "*";         ///< DescribeInstances; an event's detail-type
    std::string fault;                   ///< a kind by name, or `error:CODE`
    double probability = 1;              ///< of each call
    std::optional<std::uint64_t> count;  ///< strikes at most so often
    std::optional<base::Duration> for_;  ///< and no longer than this
    std::optional<base::Duration> by;    ///< how long: of delay, stale and pending
    std::uint64_t struck = 0;
};
BOOST_DESCRIBE_STRUCT(FaultRule, (), (service, operation, fault, probability, count, for_, by, struck))

/// What happens to one call or message.
struct Strike {
    FaultKind kind = FaultKind::delay;
    std::string code;  ///< of `error`
    base::Duration by{0};
};

/// The rules of unkindness. Decisions come from one seeded source: the same calls in the same order under the
/// same rules meet the same faults.
class Faults {
  public:
    explicit Faults(Timeline& timeline) : timeline_(timeline) {}

    void seed(std::uint64_t seed);

    /// Adds a rule; the error is a sentence. The fault `everything` stands for the mixture of unkind().
    base::Result<void> add(FaultRule rule);
    void clear() { rules_.clear(); }
    /// Takes over another's rules, not its random source.
    void replace_rules(const Faults& other) { rules_ = other.rules_; }

    /// Rules in force and past ones, in the order in which they were given.
    std::vector<FaultRule> rules() const;

    /// Whether a rule with one of these faults could strike now.
    bool any(FaultKind kind) const;

    /// What happens to this call, if anything: the first rule with one of `kinds` that draws its lot.
    std::optional<Strike> strike(std::string_view service, std::string_view operation,
                                 std::initializer_list<FaultKind> kinds);

    /// A number below `bound`, from the same source.
    std::size_t draw(std::size_t bound);

  private:
    struct Rule {
        FaultRule given;
        Strike strike;
        std::optional<base::Time> until;
    };
    bool in_force(const Rule& rule) const;

    Timeline& timeline_;
    std::mt19937_64 random_{1};
    std::vector<Rule> rules_;
};

/// A little of everything that AWS is documented to do: each call meets a fault of its service or network
/// with about this probability, each event or received batch with this probability one of messages.
std::vector<FaultRule> unkind(double probability);

}  // namespace sim
