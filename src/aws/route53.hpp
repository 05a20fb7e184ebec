#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"

/// Amazon Route 53, REST XML, version 2013-04-01. https://docs.aws.amazon.com/Route53/latest/APIReference/
///
/// Names are fully qualified with a dot at the end, in lower case, as Route 53 answers them; ids are bare
/// (`Z123`, not
/// `/hostedzone/Z123`).
namespace aws {

struct AliasTarget {
    std::string hosted_zone_id;
    std::string dns_name;
    bool evaluate_target_health = false;
};

struct ResourceRecordSet {
    std::string name;
    std::string type;                 ///< `A`, `CNAME`
    std::optional<std::int64_t> ttl;  ///< seconds; nothing for an alias
    std::vector<std::string> values;
    std::string set_identifier;  ///< not empty: it has a routing policy
    std::optional<std::int64_t> weight;
    std::optional<AliasTarget> alias;
    std::string health_check_id;
};

enum class ChangeAction { create, remove, upsert };

struct Change {
    ChangeAction action = ChangeAction::upsert;
    ResourceRecordSet record;
};

struct ChangeResourceRecordSetsInput {
    std::string hosted_zone_id;
    std::vector<Change> changes;
    std::string comment;
};

enum class ChangeStatus { unknown, pending, insync };

struct ChangeInfo {
    std::string id;
    ChangeStatus status = ChangeStatus::unknown;
    std::optional<base::Time> submitted;
};

struct ListHostedZonesByNameInput {
    std::string dns_name;        ///< where to begin
    std::string hosted_zone_id;  ///< of the page's beginning, with dns_name
    int items_max = 100;
};

struct HostedZone {
    std::string id;
    std::string name;
    bool private_zone = false;
    std::int64_t record_count = 0;
};

struct ListHostedZonesByNameOutput {
    std::vector<HostedZone> zones;
    bool truncated = false;
    std::string next_dns_name;
    std::string next_hosted_zone_id;
};

struct ListResourceRecordSetsInput {
    std::string hosted_zone_id;
    std::string start_name;  ///< it does not filter: stop where the name differs
    std::string start_type;
    std::string start_identifier;
    int items_max = 300;
};

struct ListResourceRecordSetsOutput {
    std::vector<ResourceRecordSet> records;
    bool truncated = false;
    std::string next_name;
    std::string next_type;
    std::string next_identifier;
};

/// Repeated freely when it holds nothing but upserts.
Call build_change_resource_record_sets(const ChangeResourceRecordSetsInput& input);
Call build_get_change(const std::string& change_id);
Call build_list_hosted_zones_by_name(const ListHostedZonesByNameInput& input);
Call build_list_resource_record_sets(const ListResourceRecordSetsInput& input);

/// For ChangeResourceRecordSets and GetChange.
Result<ChangeInfo> parse_change_info(std::string_view body);
Result<ListHostedZonesByNameOutput> parse_list_hosted_zones_by_name(std::string_view body);
Result<ListResourceRecordSetsOutput> parse_list_resource_record_sets(std::string_view body);

/// `\052` and the like to bytes, as people write names.
std::string unescape_dns_name(std::string_view name);

/// The client must outlive it.
class Route53 {
  public:
    explicit Route53(Client& client) : client_(&client) {}

    boost::asio::awaitable<Result<ChangeInfo>> change_resource_record_sets(
        ChangeResourceRecordSetsInput input, CallOptions options);
    boost::asio::awaitable<Result<ChangeInfo>> get_change(std::string change_id, CallOptions options);
    boost::asio::awaitable<Result<ListHostedZonesByNameOutput>> list_hosted_zones_by_name(
        ListHostedZonesByNameInput input, CallOptions options);
    boost::asio::awaitable<Result<ListResourceRecordSetsOutput>> list_resource_record_sets(
        ListResourceRecordSetsInput input, CallOptions options);

    /// Client::turn() for an operation of Route 53; all share one limit.
    boost::asio::awaitable<void> turn(std::string operation, Priority priority) {
        return client_->turn(Service::route53, std::move(operation), priority);
    }

  private:
    Client* client_;
};

}  // namespace aws
