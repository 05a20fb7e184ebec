#include "app/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/replay_world.hpp"
#include "base/result.hpp"
#include "fleet/launch.hpp"
#include "fleet/status.hpp"

namespace app {
namespace {

namespace json = base::json;

/// Calls `take` with each line that is not empty; it may refuse with a sentence.
template <class Take>
base::Result<void> for_each_line(const std::string& file, Take take) {
    std::ifstream stream(file);
    if (!stream) {
        return base::fail(file + " cannot be opened");
    }
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const auto document = base::parse_json(line);
        base::Result<void> taken = document ? take(*document) : base::fail(document.error());
        if (!taken) {
            return base::fail(fmt::format("{} line {}: {}", file, number, taken.error().message));
        }
    }
    return {};
}

base::Result<std::vector<ManagedName>> read_managed(const std::string& file) {
    std::vector<ManagedName> names;
    const auto read = for_each_line(file, [&](const json::value& document) -> base::Result<void> {
        auto name = base::from_json<ManagedName>(document, base::UnknownKeys::reject);
        if (!name) {
            return base::fail(base::describe(name.error()));
        }
        if (name->name.empty()) {
            return base::fail("$.name: is required");
        }
        if (std::ranges::find(names, name->name, &ManagedName::name) != names.end()) {
            return base::fail("$.name: \"" + name->name + "\" stands in the file twice");
        }
        names.push_back(std::move(*name));
        return {};
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    return names;
}

/// A line of the recording. The body is a message as JSON, or a string that holds its raw text.
struct Line {
    base::Time received;
    std::optional<std::int64_t> sent_ms;
    json::value body;
};
BOOST_DESCRIBE_STRUCT(Line, (), (received, sent_ms, body))

base::Result<std::vector<RecordedMessage>> read_messages(const std::string& file) {
    std::vector<RecordedMessage> messages;
    const auto read = for_each_line(file, [&](const json::value& document) -> base::Result<void> {
        auto line = base::from_json<Line>(document, base::UnknownKeys::ignore);
        if (!line) {
            return base::fail(base::describe(line.error()));
        }
        if (!document.get_object().contains("received") || !document.get_object().contains("body")) {
            return base::fail("a message needs \"received\" and \"body\"");
        }
        messages.push_back({
            .received = line->received,
            .sent = line->sent_ms ? base::Time{base::Duration{*line->sent_ms}} : line->received,
            .body =
                line->body.is_string() ? std::string(line->body.get_string()) : json::serialize(line->body),
        });
        return {};
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    return messages;
}

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

json::value time_or_null(const std::optional<base::Time>& time) {
    return time ? json::value(base::format_time(*time)) : json::value(nullptr);
}

json::object to_json(std::size_t n, const fleet::Receipt& receipt) {
    json::object line{{"n", n},
                      {"outcome", boost::describe::enum_to_string(receipt.outcome, "?")},
                      {"kind", fleet::word(receipt.kind)}};
    const std::pair<std::string_view, const std::string*> optional_fields[] = {
        {"name", &receipt.name}, {"machine", &receipt.machine}, {"reason", &receipt.reason}};
    for (const auto& [field, value] : optional_fields) {
        if (!value->empty()) {
            line[field] = *value;
        }
    }
    return line;
}

json::object to_json(const fleet::Record& record) {
    json::array launches;
    for (const auto& launch : record.launches) {
        const bool known = launch.ec2_state != fleet::Ec2State::unknown;
        launches.push_back(json::object{
            {"generation", launch.generation},
            {"request",
             launch.attempts.empty() ? json::value(nullptr) : text_or_null(launch.attempts.back().request)},
            {"machine", text_or_null(launch.machine)},
            {"ec2_state", known ? json::value(fleet::ec2_word(launch.ec2_state)) : json::value(nullptr)},
            {"started", base::format_time(launch.started)},
            {"lost", time_or_null(launch.lost)},
        });
    }
    return {{"name", record.name()},
            {"state", boost::describe::enum_to_string(fleet::status_of(record).state, "?")},
            {"launches", std::move(launches)}};
}

/// The names of the file in its order, then those that messages registered.
std::vector<fleet::Record> records_in_order(const ReplayWorld& world,
                                            const std::vector<ManagedName>& managed) {
    std::vector<fleet::Record> records;
    for (const auto& name : managed) {
        records.push_back(world.ledger().records().at(name.name));
    }
    for (const auto& [name, record] : world.ledger().records()) {
        if (std::ranges::find(managed, name, &ManagedName::name) == managed.end()) {
            records.push_back(record);
        }
    }
    return records;
}

void print_lines(const std::vector<fleet::Receipt>& receipts, const std::vector<fleet::Record>& records) {
    for (std::size_t i = 0; i < receipts.size(); ++i) {
        std::cout << json::serialize(to_json(i + 1, receipts[i])) << '\n';
    }
    for (const auto& record : records) {
        std::cout << json::serialize(to_json(record)) << '\n';
    }
}

void print_tables(const std::vector<fleet::Receipt>& receipts, const std::vector<fleet::Record>& records) {
    std::cout << fmt::format("{:>4}  {:<10} {:<15} {:<12} {:<20} {}\n", "n", "outcome", "kind", "name",
                             "machine", "reason");
    for (std::size_t i = 0; i < receipts.size(); ++i) {
        const auto& receipt = receipts[i];
        std::cout << fmt::format("{:>4}  {:<10} {:<15} {:<12} {:<20} {}\n", i + 1,
                                 boost::describe::enum_to_string(receipt.outcome, "?"),
                                 fleet::word(receipt.kind), receipt.name, receipt.machine, receipt.reason);
    }
    for (const auto& record : records) {
        const auto status = fleet::status_of(record);
        std::cout << fmt::format("\n{}: {} ({})\n", record.name(),
                                 boost::describe::enum_to_string(status.state, "?"), status.reason);
        std::cout << fmt::format("{:>4}  {:<14} {:<20} {:<14} {:<25} {}\n", "gen", "request", "machine",
                                 "ec2", "started", "lost");
        for (const auto& launch : record.launches) {
            const auto request = launch.attempts.empty() ? std::nullopt : launch.attempts.back().request;
            std::cout << fmt::format("{:>4}  {:<14} {:<20} {:<14} {:<25} {}\n", launch.generation,
                                     request.value_or("-"), launch.machine.value_or("-"),
                                     fleet::ec2_word(launch.ec2_state), base::format_time(launch.started),
                                     launch.lost ? base::format_time(*launch.lost) : "-");
        }
    }
}

int refuse(const base::Error& error) {
    std::cerr << "spot-manager replay: " << error.message << '\n';
    return 2;
}

}  // namespace

int replay(const ReplayOptions& options) {
    const auto managed = read_managed(options.managed_file);
    if (!managed) {
        return refuse(managed.error());
    }
    const auto messages = read_messages(options.messages_file);
    if (!messages) {
        return refuse(messages.error());
    }
    ReplayWorld world(*managed);
    world.begin(messages->empty() ? base::Time{} : messages->front().received);
    for (const auto& message : *messages) {
        world.receive(message);
    }
    world.end();
    const auto records = records_in_order(world, *managed);
    options.table ? print_tables(world.receipts(), records) : print_lines(world.receipts(), records);
    return 0;
}

}  // namespace app
