#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
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
    /// How long a running machine may take to become ready, and a serving one may be unwell, before it is
    /// replaced.
    base::Duration patience = std::chrono::minutes{10};

    bool operator==(const Readiness&) const = default;
};
BOOST_DESCRIBE_STRUCT(Readiness, (), (report, settle, http, tcp, patience))

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

/// What a sign of trouble leads to: it is noted, or the machine is replaced.
enum class OnSignal { note, replace };
BOOST_DESCRIBE_ENUM(OnSignal, note, replace)

/// Whether the successor is ready before the old machine goes, or the old one goes first: where a disk can
/// only be attached once.
enum class Order { launch_first, stop_first };
BOOST_DESCRIBE_ENUM(Order, launch_first, stop_first)

/// On-demand machines where there is no spot capacity.
struct Fallback {
    base::Duration after = std::chrono::minutes{5};  ///< so long without a spot machine
    std::int64_t max_hours_per_month = 100;          ///< no on-demand launch begins beyond; UTC months
    std::optional<std::string> return_window;  ///< `02:00-05:00` UTC, for the way back; absent: any time

    bool operator==(const Fallback&) const = default;
};
BOOST_DESCRIBE_STRUCT(Fallback, (), (after, max_hours_per_month, return_window))

/// Whether an image is tested by a machine of its own before a launch needs it. That machine is a clone of
/// production: its security groups must keep it away from what production writes to.
struct ImageTest {
    bool after_each = false;  ///< by itself, each image; else only when it is asked for
    std::vector<std::string> security_group_ids;

    bool operator==(const ImageTest&) const = default;
};
BOOST_DESCRIBE_STRUCT(ImageTest, (), (after_each, security_group_ids))

/// The images that are made of the name's machines; later launches boot from them.
struct ImageSpec {
    std::string schedule = "0 3 * * *";             ///< a cron expression in UTC (cron.hpp), or `off`
    base::Duration spread = std::chrono::hours{1};  ///< an image is begun within so long after its time
    std::int64_t retain = 7;                        ///< how many are kept
    bool reboot = false;                            ///< for a consistent disk; else crash-consistent
    std::optional<ImageTest> test;                  ///< absent: none

    bool operator==(const ImageSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(ImageSpec, (), (schedule, spread, retain, reboot, test))

/// The image_id of a name that goes on with the images which a retired name left.
inline constexpr std::string_view latest_image = "latest";

/// What the user asks for: the body of POST /instances. Field names are AWS's own in snake case.
struct Spec {
    std::string name;                         ///< the key: 1 to 63 of `a-z 0-9 -`
    std::string image_id;                     ///< `ami-…`, or latest_image
    std::vector<std::string> instance_types;  ///< each with each subnet is a pool
    std::vector<std::string> subnet_ids;      ///< of one VPC
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
    Order replace = Order::launch_first;
    OnSignal on_rebalance = OnSignal::note;            ///< AWS's recommendation, which often comes to nothing
    OnSignal on_scheduled_change = OnSignal::replace;  ///< AWS will stop or retire the machine some day
    OnSignal on_impaired = OnSignal::replace;          ///< status checks or the probe fail for `patience`
    std::optional<std::string> group;                  ///< names that should not be missing together
    std::int64_t max_unavailable = 1;                  ///< of the group, by replacements that can wait
    std::optional<Fallback> fallback;                  ///< absent: never an on-demand machine
    ImageSpec image;

    bool operator==(const Spec&) const = default;
};
BOOST_DESCRIBE_STRUCT(Spec, (),
                      (name, image_id, instance_types, subnet_ids, security_group_ids, max_price, key_name,
                       iam_instance_profile, block_device_mappings, user_data, tags, public_ip, dns,
                       readiness, replace, on_rebalance, on_scheduled_change, on_impaired, group,
                       max_unavailable, fallback, image))

/// Reads and checks a spec; defaults are filled in and names are put into one form, so that equal specs
/// compare equal. All errors at once, each with its JSON path.
std::expected<Spec, base::FieldErrors> parse_spec(const base::json::value& document);

}  // namespace fleet
