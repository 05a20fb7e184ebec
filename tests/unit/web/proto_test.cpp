#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

#include "fake_backend.hpp"
#include "fleet/message.hpp"

using namespace web_test;

namespace {

std::string sample(const std::string& name) {
    std::ifstream file(TEST_DATA "/../../proto/samples/" + name + ".json");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    REQUIRE_MESSAGE(!text.empty(), name);
    return text;
}

fleet::Message message(const std::string& name) {
    auto parsed = fleet::parse_message(sample(name));
    REQUIRE_MESSAGE(parsed, parsed.error().reason);
    return *std::move(parsed);
}

}  // namespace

TEST_CASE_FIXTURE(ApiFixture, "proto: the sample of a spec can be registered") {
    CHECK(post(sample("spec")).status == 202);
}

TEST_CASE("proto: the samples of messages are what they say, and their signatures hold") {
    const std::string key = "the key of these samples";
    const auto registration = message("register");
    const auto& command = std::get<fleet::SignedCommand>(registration.body);
    CHECK(fleet::signature_holds(key, command));
    CHECK(fleet::parse_spec(boost::json::parse(command.payload)));
    CHECK(std::get<fleet::BootedReport>(message("booted").body).token ==
          fleet::report_token(key, command.uid));
    const auto retirement = message("retire");
    CHECK(retirement.kind == fleet::MessageKind::retire);
    CHECK(fleet::signature_holds(key, std::get<fleet::SignedCommand>(retirement.body)));
    for (const std::string name : {"replace", "update"}) {
        const auto wish = message(name);
        CHECK(fleet::word(wish.kind) == name);
        CHECK(fleet::signature_holds(key, std::get<fleet::SignedCommand>(wish.body)));
    }
    const auto announcement = message("image-created");
    CHECK(announcement.kind == fleet::MessageKind::image_created);
    CHECK(fleet::signature_holds(key, std::get<fleet::SignedCommand>(announcement.body)));
    CHECK(message("legacy-launched").kind == fleet::MessageKind::legacy_launched);
    CHECK(fleet::parse_spec(std::get<fleet::LegacyRegister>(message("legacy-register").body).spec));
}
