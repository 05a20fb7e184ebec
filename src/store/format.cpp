#include "store/format.hpp"

#include <algorithm>
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

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto lead = static_cast<unsigned char>(text.front());
        const std::size_t length = lead < 0x80   ? 1
                                   : lead < 0xC2 ? 0
                                   : lead < 0xE0 ? 2
                                   : lead < 0xF0 ? 3
                                   : lead < 0xF5 ? 4
                                                 : 0;
        const auto character = text.substr(0, length);
        const bool whole =
            length > 0 && character.size() == length && std::ranges::all_of(character.substr(1), [](char c) {
                return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
            });
        out += whole ? character : "?";
        text.remove_prefix(whole ? length : 1);
    }
    return out;
}

base::json::value upcast(base::json::value record, int version, std::span<const Upcaster> chain) {
    for (const auto upcaster : chain.subspan(static_cast<std::size_t>(version) - 1)) {
        record = upcaster(std::move(record));
    }
    return record;
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
    const auto newest = upcast(std::move(envelope->record), envelope->version, upcasters);
    auto record = base::from_json<fleet::Record>(newest, base::UnknownKeys::ignore);
    if (!record) {
        return base::fail(base::describe(record.error()));
    }
    return std::move(*record);
}

}  // namespace store
