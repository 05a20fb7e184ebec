#include "fake_backend.hpp"

using namespace web_test;

TEST_CASE_FIXTURE(ApiFixture, "replacements: the storm in numbers, and the most urgent one by one") {
    for (int i = 0; i < 3; ++i) {
        fleet::Forecast forecast;
        forecast.replacement = {.name = "lms-" + std::to_string(i),
                                .needed_by = now,
                                .stage = i == 0 ? fleet::Stage::booting : fleet::Stage::waiting};
        forecast.ready = now;
        forecast.late = i == 2;
        replacements.push_back(forecast);
    }
    const auto body = body_of(get("/replacements?limit=2"));
    CHECK(body.at("waiting") == 2);
    CHECK(body.at("under_way") == 1);
    CHECK(body.at("late") == 1);
    const auto& shown = body.at("replacements").as_array();
    REQUIRE(shown.size() == 2);
    CHECK(shown[0].at("name") == "lms-0");
    CHECK(shown[0].at("stage") == "booting");
    CHECK(shown[1].at("late") == false);
    CHECK(get("/replacements?limit=0").status == 400);
}
