#include "sim/simulator.hpp"

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <fstream>

#include "base/text.hpp"
#include "sim/dns_message.hpp"
#include "sim/ids.hpp"

namespace sim {

namespace asio = boost::asio;

namespace {

asio::awaitable<http::Response> answer_imds(Imds* imds, Cloud* cloud, const base::Clock* clock,
                                            http::ServerRequest request) {
    cloud->timeline.advance_to(clock->now());
    co_return imds->answer(request);
}

}  // namespace

Simulator::Simulator(const asio::any_io_executor& executor, Options options)
    : options_(std::move(options)),
      cloud_(options_.settings, clock_.now()),
      gateway_(cloud_, clock_, base_url_),
      imds_(cloud_),
      aws_server_(executor, listen_on(options_.port),
                  [this](http::ServerRequest request) { return gateway_.handle(std::move(request)); }),
      imds_server_(executor, listen_on(options_.imds_port),
                   [this](http::ServerRequest request) {
                       return answer_imds(&imds_, &cloud_, &clock_, std::move(request));
                   }),
      machine_web_(executor, clock_, cloud_, options_.machine_port),
      dns_server_(executor,
                  [this](const std::string& query, std::size_t size_max) {
                      cloud_.timeline.advance_to(clock_.now());
                      return answer_dns(query, cloud_.zones, size_max);
                  }),
      timer_(executor) {
    cloud_.on_machine_down = [this](const Machine& machine) { machine_web_.reset(machine); };
    cloud_.on_note = [](const std::string& sentence) { spdlog::info("{}", sentence); };
    cloud_.timeline.on_earlier = [this] { timer_.cancel(); };
}

Simulator::~Simulator() {
    cloud_.timeline.on_earlier = nullptr;
}

base::Result<void> Simulator::start() {
    if (auto made = furnish(); !made) {
        return made;
    }
    cloud_.faults.seed(options_.seed);
    if (options_.unkind > 0) {
        FaultRule everything;
        everything.fault = "everything";
        everything.probability = options_.unkind;
        if (auto added = cloud_.faults.add(everything); !added) {
            return added;
        }
    }
    const auto port = aws_server_.start();
    const auto imds_port = imds_server_.start();
    const auto machine_port = machine_web_.start();
    const auto dns_port = dns_server_.start(options_.address, options_.dns_port);
    for (const auto* listening : {&port, &imds_port, &machine_port, &dns_port}) {
        if (!*listening) {
            return base::fail(listening->error().message);
        }
    }
    base_url_ = "http://" + options_.address + ":" + std::to_string(*port);
    imds_port_ = *imds_port;
    machine_port_ = *machine_port;
    dns_port_ = *dns_port;
    asio::co_spawn(timer_.get_executor(), let_time_pass(), asio::detached);
    return {};
}

asio::awaitable<void> Simulator::stop() {
    stopping_ = true;
    timer_.cancel();
    dns_server_.stop();
    co_await aws_server_.stop(base::Duration{0});
    co_await imds_server_.stop(base::Duration{0});
    co_await machine_web_.stop(base::Duration{0});
}

base::Result<void> Simulator::furnish() {
    for (const auto& name : options_.queues) {
        if (const auto made = cloud_.queues.create(name, {}); !made) {
            return base::fail("--queue " + name + ": " + made.error().message);
        }
    }
    for (const auto& text : options_.zones) {
        const auto [name, kind] = base::split_once(text, ':');
        if (!kind.empty() && kind != "private" && kind != "public") {
            return base::fail("--zone " + text + ": after the colon must stand private or public");
        }
        Zones::NewZone wanted;
        wanted.name = name;
        wanted.caller_reference = uuid();
        wanted.is_private = kind == "private";
        if (wanted.is_private) {
            wanted.vpc_id = "vpc-0a1b2c3d4e5f60718";
            wanted.vpc_region = options_.settings.region;
        }
        if (const auto made = cloud_.zones.create(wanted); !made) {
            return base::fail("--zone " + text + ": " + made.error().message);
        }
    }
    return {};
}

asio::awaitable<void> Simulator::let_time_pass() {
    while (!stopping_) {
        cloud_.timeline.advance_to(clock_.now());
        const auto next = cloud_.timeline.next();
        timer_.expires_after(next ? *next - clock_.now() : base::Duration{std::chrono::hours{1}});
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

http::ServerOptions Simulator::listen_on(std::uint16_t port) const {
    http::ServerOptions server;
    server.address = options_.address;
    server.port = port;
    server.body_bytes_max = 8UL * 1024 * 1024;  // a batch of 1 MiB may be larger as JSON
    server.connections_max = 1024;
    server.on_error = [](const std::string& sentence) { spdlog::error("{}", sentence); };
    return server;
}

std::vector<std::pair<std::string, std::string>> Simulator::environment() {
    const auto& settings = options_.settings;
    std::vector<std::pair<std::string, std::string>> variables = {
        {"AWS_ENDPOINT_URL", base_url_},
        {"AWS_ACCESS_KEY_ID", settings.access_key_id},
        {"AWS_SECRET_ACCESS_KEY", settings.secret_access_key},
        {"AWS_REGION", settings.region},
        {"AWS_DEFAULT_REGION", settings.region},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT",
         "http://" + options_.address + ":" + std::to_string(imds_port_)},
        {"SIM_CONTROL_URL", base_url_ + "/_sim"},
        {"SIM_DNS_ADDRESS", options_.address},
        {"SIM_DNS_PORT", std::to_string(dns_port_)},
        {"SIM_MACHINE_PORT", std::to_string(machine_port_)},
    };
    if (!options_.queues.empty()) {
        variables.emplace_back("SIM_QUEUE_URL", gateway_.queue_url(options_.queues.front()));
    }
    std::string all;
    for (const auto& text : options_.zones) {
        const auto [name, kind] = base::split_once(text, ':');
        for (const auto& [id, zone] : cloud_.zones.all()) {
            if (zone.name != canonical_name(name) || zone.is_private != (kind == "private")) {
                continue;
            }
            all += fmt::format("{}{}={}", all.empty() ? "" : " ", text, id);
            const std::string variable = zone.is_private ? "SIM_PRIVATE_ZONE_ID" : "SIM_ZONE_ID";
            if (std::ranges::find(variables, variable, &std::pair<std::string, std::string>::first) ==
                variables.end()) {
                variables.emplace_back(variable, id);
            }
        }
    }
    if (!all.empty()) {
        variables.emplace_back("SIM_ZONES", all);
    }
    return variables;
}

base::Result<void> write_environment(const std::string& file,
                                     const std::vector<std::pair<std::string, std::string>>& variables) {
    const auto draft = file + ".new";
    std::ofstream out(draft, std::ios::trunc);
    for (const auto& [name, value] : variables) {
        out << "export " << name << "='" << value << "'\n";
    }
    out.close();
    if (!out || std::rename(draft.c_str(), file.c_str()) != 0) {
        return base::fail("cannot write " + file);
    }
    return {};
}

}  // namespace sim
