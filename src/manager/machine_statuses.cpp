#include "manager/machine_statuses.hpp"

#include <iterator>
#include <map>

#include "fleet/launch.hpp"

namespace manager {
namespace {

/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html
const aws::Filter impaired_instances{.name = "instance-status.status", .values = {"impaired"}};
const aws::Filter impaired_systems{.name = "system-status.status", .values = {"impaired"}};
const aws::Filter planned{.name = "event.code",
                          .values = {"instance-reboot", "system-reboot", "system-maintenance",
                                     "instance-retirement", "instance-stop"}};

bool is_over(const aws::InstanceEvent& event) {
    return event.description.starts_with("[Completed]") || event.description.starts_with("[Canceled]");
}

}  // namespace

boost::asio::awaitable<aws::Result<std::vector<aws::InstanceStatus>>> find_troubled(
    aws::Ec2* ec2, aws::CallOptions options) {
    std::vector<aws::InstanceStatus> all;
    // EC2 shows what all filters of a call fit.
    for (const auto* filter : {&impaired_instances, &impaired_systems, &planned}) {
        std::vector<aws::Filter> filters{*filter};
        auto found = co_await ec2->describe_instance_status(std::move(filters), options);
        if (!found) {
            co_return std::unexpected(found.error());
        }
        std::ranges::move(*found, std::back_inserter(all));
    }
    co_return all;
}

NamedFacts news_of(const std::vector<aws::InstanceStatus>& troubled, const Records& records,
                   base::Time asked) {
    struct Trouble {
        bool impaired = false;
        const aws::InstanceEvent* event = nullptr;
    };
    std::map<std::string, Trouble> of_machine;
    for (const auto& status : troubled) {
        auto& trouble = of_machine[status.id];
        trouble.impaired =
            trouble.impaired || status.instance_status == "impaired" || status.system_status == "impaired";
        const auto event = std::ranges::find_if_not(status.events, is_over);
        if (event != status.events.end()) {
            trouble.event = &*event;
        }
    }
    NamedFacts facts;
    for (const auto& [name, record] : records) {
        for (const auto& launch : record->launches) {
            if (!fleet::is_alive(launch)) {
                continue;
            }
            const auto found = of_machine.find(*launch.machine);
            const auto trouble = found == of_machine.end() ? Trouble{} : found->second;
            if (trouble.impaired != launch.impaired.has_value()) {
                facts.emplace_back(
                    name, fleet::Fact{asked, fleet::StatusChecked{*launch.machine, trouble.impaired}});
            }
            // AWS Health may tell, in codes of its own, what is not shown here yet.
            const bool was_shown = launch.maintenance && !launch.maintenance->code.starts_with("AWS_");
            if (was_shown && !trouble.event) {
                facts.emplace_back(name, fleet::Fact{asked, fleet::ScheduledChangeOver{*launch.machine}});
            }
            if (trouble.event && !launch.maintenance) {
                facts.emplace_back(
                    name, fleet::Fact{asked, fleet::ScheduledChange{*launch.machine, trouble.event->code,
                                                                    trouble.event->not_before}});
            }
        }
    }
    return facts;
}

}  // namespace manager
