#include "store/format.hpp"

#include <array>
#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <utility>

namespace store {
namespace {

/// What is stored under a name.
struct Envelope {
    int version = 0;
    base::json::value record;
};
BOOST_DESCRIBE_STRUCT(Envelope, (), (version, record))

/// The n-th brings a record of version n + 1 into the form of version n + 2.
using Upcaster = base::json::value (*)(base::json::value);
constexpr std::array<Upcaster, record_version - 1> upcasters{};

}  // namespace

std::expected<base::json::value, std::string> parse_stored(std::string_view text) {
    constexpr base::json::parse_options options{.max_depth = 64, .allow_invalid_utf8 = true};
    boost::system::error_code error;
    auto value = base::json::parse(text, error, {}, options);
    if (error) {
        return std::unexpected("is not JSON: " + error.message());
    }
    return value;
}

std::string encode_record(const fleet::Record& record) {
    return encode(Envelope{record_version, base::to_json(record)});
}

base::Result<fleet::Record> decode_record(std::string_view text) {
    const auto value = parse_stored(text);
    if (!value) {
        return base::fail("it " + value.error());
    }
    auto envelope = base::from_json<Envelope>(*value, base::UnknownKeys::ignore);
    if (!envelope) {
        return base::fail(base::describe(envelope.error()));
    }
    if (envelope->version < 1 || envelope->version > record_version) {
        return base::fail("its version " + std::to_string(envelope->version) +
                          " is not one that this program reads (1 to " + std::to_string(record_version) +
                          ")");
    }
    for (auto next = static_cast<std::size_t>(envelope->version) - 1; next < upcasters.size(); ++next) {
        envelope->record = upcasters.at(next)(std::move(envelope->record));
    }
    auto record = base::from_json<fleet::Record>(envelope->record, base::UnknownKeys::ignore);
    if (!record) {
        return base::fail(base::describe(record.error()));
    }
    return std::move(*record);
}

}  // namespace store
