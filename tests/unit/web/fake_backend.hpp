#pragma once

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fleet/life_cycle.hpp"
#include "web/api.hpp"

namespace web_test {

/// What the rest of the house would be, in memory; each part can be told to fail.
struct FakeBackend {
    std::map<std::string, fleet::Record> records;
    std::vector<fleet::JournalEntry> journal;               ///< oldest first; numbered from 1
    std::vector<store::RejectedMessage> rejected_messages;  ///< as the store gives them
    std::map<std::string, base::Time> seen_messages;
    std::map<std::string, std::string, std::less<>> unreadable;
    std::map<std::string, store::Command> commands;
    std::map<std::string, std::string> dns_owners;
    std::vector<fleet::Forecast> replacements;
    std::vector<std::string> published;
    std::vector<std::string> logged;
    std::string failure;      ///< of the store, when not empty
    std::string queue_fault;  ///< of publish, when not empty
    web::Checks health{{"intake", ""}};
    web::Checks readiness{{"queue", ""}, {"store", ""}};
    base::Time now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15}};

    web::Backend backend() {
        web::Backend backend;
        backend.unreadable = unreadable;
        backend.find = [this](std::string name) { return find(this, std::move(name)); };
        backend.list = [this](std::string after, std::size_t limit) {
            return list(this, std::move(after), limit);
        };
        backend.history = [this](std::string name, std::size_t limit, std::uint64_t below) {
            return history(this, std::move(name), limit, below);
        };
        backend.rejected = [this](std::size_t limit, std::uint64_t below) {
            return rejected(this, limit, below);
        };
        backend.seen = [this](std::string id) { return seen(this, std::move(id)); };
        backend.owner_of_dns = [this](std::string key) { return owner_of_dns(this, std::move(key)); };
        backend.command = [this](std::string uid) { return command(this, std::move(uid)); };
        backend.publish = [this](std::string body) { return publish(this, std::move(body)); };
        backend.command_key = "key of this test";
        backend.health = [this] { return health; };
        backend.readiness = [this] { return readiness; };
        backend.replacements = [this] { return replacements; };
        backend.metrics = [] { return std::string("spot_manager_up 1\n"); };
        backend.log_error = [this](std::string sentence) { logged.push_back(std::move(sentence)); };
        backend.now = [this] { return now; };
        return backend;
    }

    template <class T>
    base::Result<T> unless_failing(T value) const {
        return failure.empty() ? base::Result<T>(std::move(value)) : base::fail(failure);
    }

    static boost::asio::awaitable<base::Result<std::optional<fleet::Record>>> find(FakeBackend* self,
                                                                                   std::string name) {
        const auto found = self->records.find(name);
        co_return self->unless_failing(found == self->records.end() ? std::nullopt
                                                                    : std::optional(found->second));
    }

    static boost::asio::awaitable<base::Result<std::vector<web::ListedRecord>>> list(FakeBackend* self,
                                                                                     std::string after,
                                                                                     std::size_t limit) {
        std::vector<web::ListedRecord> page;
        for (auto at = self->records.upper_bound(after); at != self->records.end() && page.size() < limit;
             ++at) {
            page.push_back({at->first, at->second});
        }
        co_return self->unless_failing(std::move(page));
    }

    static boost::asio::awaitable<base::Result<std::vector<store::NumberedEntry>>> history(
        FakeBackend* self, std::string name, std::size_t limit, std::uint64_t below) {
        std::vector<store::NumberedEntry> page;
        for (auto number = self->journal.size(); number > 0 && page.size() < limit; --number) {
            const auto& entry = self->journal[number - 1];
            if (number < below && (name.empty() || entry.name == name)) {
                page.emplace_back(number, entry);
            }
        }
        co_return self->unless_failing(std::move(page));
    }

    static boost::asio::awaitable<base::Result<std::vector<store::RejectedMessage>>> rejected(
        FakeBackend* self, std::size_t limit, std::uint64_t below) {
        std::vector<store::RejectedMessage> page;
        for (const auto& message : self->rejected_messages) {
            if (message.number < below && page.size() < limit) {
                page.push_back(message);
            }
        }
        co_return self->unless_failing(std::move(page));
    }

    static boost::asio::awaitable<base::Result<std::optional<base::Time>>> seen(FakeBackend* self,
                                                                                std::string id) {
        const auto found = self->seen_messages.find(id);
        co_return self->unless_failing(found == self->seen_messages.end() ? std::nullopt
                                                                          : std::optional(found->second));
    }

    static boost::asio::awaitable<base::Result<std::optional<std::string>>> owner_of_dns(FakeBackend* self,
                                                                                         std::string key) {
        const auto found = self->dns_owners.find(key);
        co_return self->unless_failing(found == self->dns_owners.end() ? std::nullopt
                                                                       : std::optional(found->second));
    }

    static boost::asio::awaitable<base::Result<std::optional<store::Command>>> command(FakeBackend* self,
                                                                                       std::string uid) {
        const auto found = self->commands.find(uid);
        co_return self->unless_failing(found == self->commands.end() ? std::nullopt
                                                                     : std::optional(found->second));
    }

    static boost::asio::awaitable<base::Result<void>> publish(FakeBackend* self, std::string body) {
        if (!self->queue_fault.empty()) {
            co_return base::fail(self->queue_fault);
        }
        self->published.push_back(std::move(body));
        co_return base::Result<void>();
    }
};

/// The API on a fake backend, called without a network.
struct ApiFixture : FakeBackend {
    web::ApiOptions options;
    std::unique_ptr<web::Api> api;

    http::Response call(http::Request request) {
        if (!api) {
            api = std::make_unique<web::Api>(backend(), options);
        }
        boost::asio::io_context io;
        http::Response response;
        std::exception_ptr failure_thrown;
        boost::asio::co_spawn(io, api->handle({.request = std::move(request)}),
                              [&](std::exception_ptr thrown, http::Response answer) {
                                  failure_thrown = std::move(thrown);
                                  response = std::move(answer);
                              });
        io.run();
        REQUIRE_FALSE(failure_thrown);
        return response;
    }

    http::Response get(std::string target) { return call({"GET", std::move(target), {}, ""}); }

    http::Response remove(std::string target) { return call({"DELETE", std::move(target), {}, ""}); }

    http::Response post(std::string body, std::string type = "application/json") {
        return call({"POST", "/instances", {{"Content-Type", std::move(type)}}, std::move(body)});
    }

    http::Response put(std::string target, std::string body) {
        return call({"PUT", std::move(target), {{"Content-Type", "application/json"}}, std::move(body)});
    }

    http::Response post_to(std::string target) { return call({"POST", std::move(target), {}, ""}); }

    static boost::json::object body_of(const http::Response& response) {
        return boost::json::parse(response.body).as_object();
    }
};

inline const std::string spec_text = R"({
    "name": "lms-chen", "image_id": "ami-0abc", "instance_types": ["t3.small"], "subnet_ids": ["subnet-1"],
    "security_group_ids": ["sg-1"], "user_data": "#!/bin/sh\necho a-secret\n",
    "dns": {"private": {"name": "lms-chen.example.com"}}})";

inline fleet::Spec make_spec(const std::string& name = "lms-chen") {
    auto document = boost::json::parse(spec_text);
    document.as_object()["name"] = name;
    document.at("dns").at("private").as_object()["name"] = name + ".example.com";
    auto spec = fleet::parse_spec(document);
    REQUIRE(spec);
    return *spec;
}

inline fleet::Record make_record(const std::string& name = "lms-chen") {
    const base::Time at{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15}};
    return fleet::begin(make_spec(name), "uid-of-" + name, {}, at, {}, at, {}).record;
}

inline std::string header(const http::Response& response, std::string_view name) {
    return std::string(http::find_header(response.headers, name).value_or("(none)"));
}

}  // namespace web_test
