#include "sim/control_api.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/control_capacity.hpp"
#include "sim/control_faults.hpp"
#include "sim/control_images.hpp"
#include "sim/control_machines.hpp"
#include "sim/control_state.hpp"

namespace sim {

namespace json = boost::json;

const char* const control_summary =
    "  GET  /_sim/state                       machines, spot requests, images, queues and zones\n"
    "  GET  /_sim/events                      the newest events that EventBridge sent\n"
    "  POST /_sim/machines/{id}/notice        interruption warning, and the end after the notice time;\n"
    "                                         {\"action\":\"terminate\"|\"stop\"|\"hibernate\",\n"
    "                                         \"in\":\"40s\", \"held\":true, \"closes_request\":true,\n"
    "                                         \"reason\":\"no-capacity\"|\"by-price\"|\n"
    "                                         \"capacity-oversubscribed\"}: all may be left out\n"
    "  POST /_sim/machines/{id}/release       the end that was held comes now\n"
    "  POST /_sim/machines/{id}/lose          spot interruption without a warning\n"
    "  POST /_sim/machines/{id}/rebalance     rebalance recommendation\n"
    "  POST /_sim/machines/{id}/plan          a scheduled change, and AWS Health's word of it;\n"
    "                                         {\"code\":\"instance-retirement\", \"in\":\"1h\"}\n"
    "  POST /_sim/machines/{id}/call-off      what was planned does not take place\n"
    "  POST /_sim/machines/{id}/impair        EC2's status check fails;\n"
    "                                         {\"check\":\"instance\"|\"system\"}\n"
    "  POST /_sim/machines/{id}/heal          both status checks pass again\n"
    "  POST /_sim/machines/{id}/web           {\"answer\":\"ok\"|\"error\"|\"reset\"|\"silence\"}: its HTTP\n"
    "  POST /_sim/machines/{id}/disk          {\"spoiled\":true}: no machine made from an image of it "
    "boots,\n"
    "                                         nor does it after a reboot\n"
    "  POST /_sim/machines/{id}/reboot        the system is away until it has booted again\n"
    "  POST /_sim/machines/{id}/stop          the machine stops, as by a shutdown from inside\n"
    "  POST /_sim/machines/{id}/start         a stopped machine starts, with another public address\n"
    "  POST /_sim/machines/{id}/terminate     the machine ends, as by a person in the console\n"
    "  POST /_sim/images                      {\"next\":\"pass\"|\"fail\"|\"hold\"}: the image that is made "
    "next\n"
    "                                         becomes available, fails, or stays pending\n"
    "  POST /_sim/images/{id}/release         a pending image becomes available now\n"
    "  POST /_sim/images/{id}/fail            a pending image fails now\n"
    "  POST /_sim/images/{id}/deregister      any image goes, as by a person in the console\n"
    "  POST /_sim/capacity                    {\"instance_type\":\"*\",\"availability_zone\":\"*\",\n"
    "                                         \"available\":false}: the pool has no capacity;\n"
    "                                         {..., \"instances\":3}: so many are left;\n"
    "                                         {..., \"price\":\"0.05\"}: its spot price;\n"
    "                                         {..., \"market\":\"spot\"|\"on-demand\"}\n"
    "  POST /_sim/quotas                      {\"spot_vcpus\":5, \"on_demand_vcpus\":null}\n"
    "  POST /_sim/limits                      {\"keep\":true}: calls beyond AWS's published rates are\n"
    "                                         throttled from now on\n"
    "  POST /_sim/faults                      adds a rule of unkindness, or a list of them:\n"
    "                                         "
    "{\"service\":\"ec2\",\"operation\":\"*\",\"fault\":\"throttle\",\n"
    "                                         "
    "\"probability\":0.2,\"count\":3,\"for\":\"5s\",\"by\":\"1s\"};\n"
    "                                         all but the fault may be left out\n"
    "  GET  /_sim/faults                      the rules, and how often each has struck\n"
    "  DELETE /_sim/faults                    AWS is kind again\n";

const char* const fault_summary =
    "Faults of any call (service ec2, route53, sqs or sts):\n"
    "  throttle, unavailable, access_denied, error:CODE    refused, in the service's own words\n"
    "  expired_credentials                    refused, and a role session's key is good for nothing more\n"
    "  reset_before, reset_after              the connection is reset; the call was not taken, or was\n"
    "  delay                                  taken only after the time \"by\"\n"
    "  cut, oversized, html                   taken; half an answer comes, far too much, or a web page\n"
    "  close                                  answered; then the connection is closed without a word\n"
    "Faults of some:\n"
    "  stale (ec2, Describe...)               shows the account as it was \"by\" ago\n"
    "  pending (route53, ChangeResourceRecordSets)  in sync only after \"by\" more\n"
    "  reorder, short_batch, duplicate (sqs, ReceiveMessage)  messages in any order, too few, once more\n"
    "  duplicate, delay, drop (events, the detail-type)       an event comes twice, late, never\n"
    "  everything                             a mixture of all of these with this probability\n";

namespace {

http::Response reply(int status, const json::object& body) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json"}},
            .body = json::serialize(body) + "\n"};
}

http::Response complain(int status, const std::string& sentence) {
    return reply(status, {{"error", sentence}});
}

http::Response keep_limits(Cloud& cloud, const json::object& body) {
    const auto* keep = body.if_contains("keep");
    if (keep == nullptr || !keep->is_bool()) {
        return complain(400, "keep must be true or false");
    }
    cloud.settings.keep_limits = keep->get_bool();
    return reply(200, {{"keep", cloud.settings.keep_limits}});
}

}  // namespace

http::Response answer_control(Cloud& cloud, const http::ServerRequest& request) {
    if (!request.peer_address.starts_with("127.") && request.peer_address != "::1") {
        return complain(403, "the control API answers only to loopback");
    }
    const auto& method = request.request.method;
    const auto path = base::split_once(request.request.target, '?').first;
    const auto parts = base::split(path, '/');  // "", "_sim", ...
    if (method == "GET" && path == "/_sim/state") {
        return reply(200, describe(cloud));
    }
    if (method == "GET" && path == "/_sim/events") {
        json::array events;
        for (const auto& event : cloud.events.history()) {
            events.push_back(json::parse(event));
        }
        return reply(200, {{"events", std::move(events)}});
    }
    if (path == "/_sim/faults") {
        const auto faults = answer_faults(cloud.faults, method, request.request.body);
        return faults ? reply(200, *faults) : complain(400, faults.error().message);
    }
    if (method != "POST") {
        return complain(404, "there is no " + method + " " + std::string(path));
    }
    const auto body = base::parse_json(request.request.body.empty() ? "{}" : request.request.body);
    if (!body || !body->is_object()) {
        return complain(400, "the body must be a JSON object");
    }
    if (path == "/_sim/limits") {
        return keep_limits(cloud, body->get_object());
    }
    if (path == "/_sim/capacity") {
        const auto pool = change_pool(cloud.pools, body->get_object());
        return pool ? reply(200, *pool) : complain(400, pool.error().message);
    }
    if (path == "/_sim/quotas") {
        const auto quotas = change_quotas(cloud.quotas, body->get_object());
        return quotas ? reply(200, *quotas) : complain(400, quotas.error().message);
    }
    if (path == "/_sim/images") {
        const auto decided = decide_next_image(cloud.images, body->get_object());
        return decided ? reply(200, *decided) : complain(400, decided.error().message);
    }
    if (parts.size() == 5 && parts[2] == "images") {
        const auto done = act_on_image(cloud.images, parts[3], parts[4]);
        return done ? reply(200, {{"id", parts[3]}}) : complain(done.error().status, done.error().message);
    }
    if (parts.size() == 5 && parts[2] == "machines") {
        auto* machine = cloud.machines.find(parts[3]);
        if (machine == nullptr) {
            return complain(404, "there is no machine " + std::string(parts[3]));
        }
        const auto done = act_on_machine(cloud, *machine, parts[4], body->get_object());
        return done ? reply(200, describe(*machine)) : complain(done.error().status, done.error().message);
    }
    return complain(404, "there is no POST " + std::string(path));
}

}  // namespace sim
