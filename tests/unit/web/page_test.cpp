#include <fstream>
#include <iterator>

#include "base/hash.hpp"
#include "fake_backend.hpp"

using namespace web_test;

namespace {

const std::string of_browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

http::Request browse(std::string accept) {
    return {"GET", "/", {{"Accept", std::move(accept)}}, ""};
}

}  // namespace

TEST_CASE_FIXTURE(ApiFixture, "page: browsers get it, everyone else the index") {
    CHECK(header(call(browse(of_browser)), "Content-Type") == "text/html; charset=utf-8");
    CHECK(header(call(browse("*/*")), "Content-Type") == "application/json");
    CHECK(header(get("/"), "Content-Type") == "application/json");
    for (const auto& answer : {call(browse(of_browser)), get("/")}) {
        CHECK(header(answer, "Vary") == "Accept");
    }
}

TEST_CASE_FIXTURE(ApiFixture, "page: is open, and says nothing of the names") {
    options.tokens = web::Tokens::parse("read reader-0123456789\n").value();
    records.emplace("lms-chen", make_record());
    const auto page = call(browse(of_browser));
    CHECK(page.status == 200);
    CHECK(page.body.find("lms-chen") == std::string::npos);
    CHECK(get("/").status == 401);
}

TEST_CASE_FIXTURE(ApiFixture, "page: is the file, and its policy allows what is in it and nothing else") {
    std::ifstream file(TEST_DATA "/../../src/web/page.html");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto page = call(browse(of_browser));
    CHECK(page.body == text);
    const auto policy = header(page, "Content-Security-Policy");
    for (const std::string element : {"style", "script"}) {
        const auto from = text.find("<" + element + ">") + element.size() + 2;
        const auto inside = text.substr(from, text.find("</" + element + ">") - from);
        const auto digest = base::sha256(inside);
        const auto hash = base::base64_encode(base::bytes(digest));
        CHECK(policy.find(element + "-src 'sha256-" + hash + "';") != std::string::npos);
    }
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(text.find(" style=") == std::string::npos);
    CHECK(text.find("http://") == std::string::npos);
    CHECK(text.find("https://") == std::string::npos);
}
