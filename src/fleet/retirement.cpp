#include "fleet/retirement.hpp"

#include <algorithm>
#include <array>

#include "fleet/attempts.hpp"
#include "fleet/learner.hpp"
#include "fleet/status.hpp"

namespace fleet {
namespace {

constexpr std::array sides{Side::private_, Side::public_};

bool has_ended(const Record& record, const Launch& launch) {
    return !launch.machine || launch.terminated || launch.ec2_state >= Ec2State::shutting_down ||
           (launch.released && is_kept(record, launch));
}

const Attempt* find_unsettled(const Launch& launch) {
    const auto found = std::ranges::find_if(
        launch.attempts, [&](const Attempt& attempt) { return is_unsettled(launch, attempt); });
    return found == launch.attempts.end() ? nullptr : &*found;
}

/// A machine that came when it was no longer wanted.
const Attempt* find_surplus(const Launch& launch) {
    const auto found = std::ranges::find_if(
        launch.attempts, [](const Attempt& attempt) { return attempt.surplus && !attempt.surplus_ended; });
    return found == launch.attempts.end() ? nullptr : &*found;
}

/// One that EC2 may yet say it has taken, or that is being removed. Others outlive the name.
const Image* find_open_image(const Record& record) {
    const auto found = std::ranges::find_if(record.images, [](const Image& image) {
        return image.origin == ImageOrigin::made && (!image.answered || image.removing);
    });
    return found == record.images.end() ? nullptr : &*found;
}

bool is_all_but_template_over(const Record& record) {
    return record.retirement &&
           std::ranges::none_of(sides, [&](Side side) { return may_stand(record.dns(side)); }) &&
           std::ranges::all_of(all_launches(record),
                               [&](const Launch* launch) {
                                   return has_ended(record, *launch) && !find_unsettled(*launch) &&
                                          !find_surplus(*launch);
                               }) &&
           !find_open_image(record);
}

/// The machine that serves, else the newest that is not going away.
const Launch* choose_kept(const Record& record) {
    if (const auto* serving = serving_launch(record)) {
        return serving;
    }
    const auto found =
        std::find_if(record.launches.rbegin(), record.launches.rend(), [](const Launch& launch) {
            return launch.machine && !launch.abandoned && launch.ec2_state < Ec2State::shutting_down;
        });
    return found == record.launches.rend() ? nullptr : &*found;
}

}  // namespace

std::optional<std::string> retire_problem(const Retirement& known, bool keep_machine, bool remove_images) {
    if (known.keep_machine != keep_machine) {
        return "it is being retired already, and its machine is " +
               std::string(known.keep_machine ? "kept" : "ended");
    }
    if (known.remove_images && !remove_images) {
        return "it is being retired already, and its images are removed";
    }
    return std::nullopt;
}

bool is_kept(const Record& record, const Launch& launch) {
    return record.retirement && record.retirement->kept == launch.generation;
}

bool may_stand(const DnsState& dns) {
    return !dns.cleared && (dns.published || dns.unanswered || !dns.superseded.empty());
}

bool is_ours(const DnsState& dns, const std::string& address) {
    const auto holds = [&](const DnsWrite& write) { return write.address == address; };
    return (dns.published && holds(*dns.published)) || (dns.unanswered && holds(*dns.unanswered)) ||
           std::ranges::any_of(dns.superseded, holds);
}

std::optional<std::string> why_left(const std::string& dns_name, const DnsState& dns, const DnsSeen& seen) {
    if (!seen.other.empty() || seen.values.size() > 1) {
        return "what stands under " + dns_name + " is not ours any more, and is left";
    }
    if (seen.values.empty()) {
        return "nothing stands under " + dns_name + " any more";
    }
    if (!is_ours(dns, seen.values.front())) {
        return dns_name + " points at " + seen.values.front() +
               ", which we did not write: the record is left";
    }
    return std::nullopt;
}

bool is_over(const Record& record) {
    return is_all_but_template_over(record) && !may_have_template(record);
}

bool is_over_but_for_template(const Record& record) {
    return is_all_but_template_over(record) && may_have_template(record);
}

std::string what_is_left(const Record& record) {
    for (const Side side : sides) {
        if (may_stand(record.dns(side))) {
            return "its DNS record " + record.dns_name(side).value_or(DnsName{}).name + " is being removed";
        }
    }
    for (const auto* found : all_launches(record)) {
        const auto& launch = *found;
        if (const auto* attempt = find_unsettled(launch)) {
            return attempt->request ? "spot request " + *attempt->request + " is being cancelled"
                                    : "EC2 is asked whether it has taken the last request for a machine";
        }
        if (const auto* attempt = find_surplus(launch)) {
            return "machine " + *attempt->surplus + " is being ended";
        }
        if (!has_ended(record, launch)) {
            return "machine " + *launch.machine +
                   (is_kept(record, launch) ? " is being released" : " is being ended");
        }
    }
    if (const auto* image = find_open_image(record)) {
        return image->answered ? "image " + image->id + " is being removed"
                               : "EC2 is asked whether it has taken the last call for an image";
    }
    return may_have_template(record) ? "its launch template is being deleted" : "nothing of it is left";
}

void Learner::operator()(const RetirementAsked& fact) {
    if (auto& retirement = record_.retirement) {
        if (fact.remove_images && !retirement->remove_images) {
            retirement->remove_images = true;
            note("retiring", "the images of " + record_.name() + " are to be removed as well");
        }
        return;
    }
    const auto* kept = fact.keep_machine ? choose_kept(record_) : nullptr;
    record_.intent = Intent::retired;
    record_.retirement = Retirement{.at = at_,
                                    .command = fact.command,
                                    .keep_machine = fact.keep_machine,
                                    .kept = kept ? std::optional{kept->generation} : std::nullopt,
                                    .remove_images = fact.remove_images};
    note("retiring", record_.name() + " is retired by its user" +
                         (kept ? "; machine " + *kept->machine + " is kept"
                               : std::string(fact.keep_machine ? "; there is no machine to keep" : "")));
    // What waited has another purpose now.
    record_.retries.clear();
    for (auto* launch : all_launches(record_)) {
        for (auto& attempt : launch->attempts) {
            if (!attempt.sent && !attempt.closed) {
                attempt.closed = at_;
                attempt.status = "the name was retired before it was sent";
            }
        }
    }
}

}  // namespace fleet
