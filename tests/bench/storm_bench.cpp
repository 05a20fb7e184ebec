// What a name's turn costs in a storm: its waiting actions are replaced, as each change of its record does,
// while 10, 1000 and 100,000 other names wait. The last column compares with the first row: near one means
// that a storm costs each name what a quiet day does.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "manager/waiting.hpp"

namespace {

constexpr int rounds = 200'000;

std::vector<manager::Work> works(const std::shared_ptr<const fleet::Record>& record, int urgency) {
    fleet::Action request;
    request.kind = fleet::ActionKind::request_spot;
    request.key = "2/request/1";
    request.needed_by = base::Time{std::chrono::milliseconds{urgency}};
    fleet::Action describe = request;
    describe.kind = fleet::ActionKind::describe_machine;
    describe.key = "1/describe/i-0123456789abcdef0";
    return {{record, request}, {record, describe}};
}

/// Nanoseconds a replacement.
double measure(int names) {
    manager::Waiting waiting;
    std::vector<std::shared_ptr<const fleet::Record>> records;
    for (int i = 0; i < names; ++i) {
        fleet::Record record;
        record.spec.name = "lms-" + std::to_string(i);
        records.push_back(std::make_shared<const fleet::Record>(std::move(record)));
        waiting.put(records.back()->name(), works(records.back(), i));
    }
    const auto begin = std::chrono::steady_clock::now();
    for (int round = 0; round < rounds; ++round) {
        const auto& record = records[static_cast<std::size_t>(round) * 7919 % records.size()];
        waiting.put(record->name(), works(record, round));
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    return took.count() / rounds;
}

}  // namespace

int main() {
    const double few = measure(10);
    for (const int names : {10, 1000, 100'000}) {
        const double cost = measure(names);
        fmt::print("{:7} names wait: {:6.0f} ns a name's turn, {:4.1f} times\n", names, cost, cost / few);
    }
    return 0;
}
