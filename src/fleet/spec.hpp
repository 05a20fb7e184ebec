#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace fleet {

/// One A record of a managed instance.
struct DnsName {
    std::string name;                    ///< fully qualified; stored in lower case without the final dot
    std::optional<std::string> zone_id;  ///< Route53 hosted zone; absent: found by the longest suffix
    std::int64_t ttl = 30;               ///< seconds
    bool take_over = false;              ///< write even where a record stands that is not ours

    bool operator==(const DnsName&) const = default;
};
BOOST_DESCRIBE_STRUCT(DnsName, (), (name, zone_id, ttl, take_over))

/// The names a managed instance answers to; both are optional.
struct Dns {
    std::optional<DnsName> private_;  ///< the private address, in a private or public zone
    std::optional<DnsName> public_;   ///< the public address; only with `public_ip`

    bool operator==(const Dns&) const = default;
};
BOOST_DESCRIBE_STRUCT(Dns, (), (private_, public_))

struct HttpProbe {
    std::uint16_t port = 80;
    std::string path = "/";

    bool operator==(const HttpProbe&) const = default;
};
BOOST_DESCRIBE_STRUCT(HttpProbe, (), (port, path))

struct TcpProbe {
    std::uint16_t port = 0;

    bool operator==(const TcpProbe&) const = default;
};
BOOST_DESCRIBE_STRUCT(TcpProbe, (), (port))

/// When a machine counts as ready: EC2 says running, and it has reported (unless `report` is false), and then
/// the probe passed or, where there is none, `settle` has gone by.
struct Readiness {
    bool report = true;
    std::optional<base::Duration> settle;  ///< absent: 0 s after `booted`, 30 s after a legacy report
    std::optional<HttpProbe> http;         ///< passes on a status from 200 to 399
    std::optional<TcpProbe> tcp;           ///< passes when a connection is accepted

    bool operator==(const Readiness&) const = default;
};
BOOST_DESCRIBE_STRUCT(Readiness, (), (report, settle, http, tcp))

/// EC2's EbsBlockDevice, as RequestSpotInstances takes it.
struct EbsDevice {
    std::optional<std::int64_t> volume_size;  ///< GiB
    std::optional<std::string> volume_type;
    std::optional<std::string> snapshot_id;
    std::optional<std::int64_t> iops;
    std::optional<std::int64_t> throughput;  ///< MiB/s
    std::optional<bool> encrypted;
    std::optional<bool> delete_on_termination;

    bool operator==(const EbsDevice&) const = default;
};
BOOST_DESCRIBE_STRUCT(EbsDevice, (),
                      (volume_size, volume_type, snapshot_id, iops, throughput, encrypted,
                       delete_on_termination))

struct BlockDeviceMapping {
    std::string device_name;
    std::optional<std::string> virtual_name;
    std::optional<EbsDevice> ebs;

    bool operator==(const BlockDeviceMapping&) const = default;
};
BOOST_DESCRIBE_STRUCT(BlockDeviceMapping, (), (device_name, virtual_name, ebs))

/// What the user asks for: the body of POST /instances. Field names are AWS's own in snake case.
struct Spec {
    std::string name;  ///< the key: 1 to 63 of `a-z 0-9 -`
    std::string image_id;
    std::vector<std::string> instance_types;  ///< exactly one
    std::vector<std::string> subnet_ids;      ///< exactly one
    std::vector<std::string> security_group_ids;
    std::optional<std::string> max_price;  ///< USD an hour, a decimal; absent: the on-demand price
    std::optional<std::string> key_name;
    std::optional<std::string> iam_instance_profile;  ///< a name or an ARN
    std::vector<BlockDeviceMapping> block_device_mappings;
    std::optional<std::string> user_data;  ///< a shell script or cloud-config, plain text
    std::map<std::string, std::string> tags;
    bool public_ip = false;
    Dns dns;
    Readiness readiness;

    bool operator==(const Spec&) const = default;
};
BOOST_DESCRIBE_STRUCT(Spec, (),
                      (name, image_id, instance_types, subnet_ids, security_group_ids, max_price, key_name,
                       iam_instance_profile, block_device_mappings, user_data, tags, public_ip, dns,
                       readiness))

/// Reads and checks a spec; defaults are filled in and names are put into one form, so that equal specs
/// compare equal. All errors at once, each with its JSON path.
std::expected<Spec, base::FieldErrors> parse_spec(const base::json::value& document);

}  // namespace fleet
