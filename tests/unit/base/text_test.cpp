#include "base/text.hpp"

#include <doctest/doctest.h>

#include "base/hash.hpp"
#include "base/ids.hpp"

TEST_CASE("text: percent-encoding there and back") {
    CHECK(base::percent_encode("a b/ü~") == "a%20b%2F%C3%BC~");
    CHECK(base::percent_decode("a%20b%2F%C3%BC~") == "a b/ü~");
    CHECK(base::percent_decode("a+b", true) == "a b");
    CHECK(base::percent_decode("a+b") == "a+b");
    CHECK_FALSE(base::percent_decode("%"));
    CHECK_FALSE(base::percent_decode("%g0"));
}

TEST_CASE("text: cut keeps characters whole") {
    CHECK(base::cut("aü", 2) == "a");
    CHECK(base::cut("aü", 3) == "aü");
}

TEST_CASE("text: numbers are plain") {
    CHECK(base::parse_number("42") == 42);
    for (const auto* wrong : {"", "-1", "+1", " 1", "1x", "99999999999999999999"}) {
        CHECK_MESSAGE(!base::parse_number(wrong), wrong);
    }
}

TEST_CASE("hash: known answers") {
    CHECK(base::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(base::md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
    // RFC 4231, test case 2
    CHECK(base::hex(base::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(base::base64_encode("hi?>") == "aGk/Pg==");
    CHECK(base::base64_decode("aGk/Pg==") == "hi?>");
    CHECK(base::base64_decode("") == "");
    CHECK_FALSE(base::base64_decode("aGk"));
    CHECK(base::equal_in_constant_time("a", "a"));
    CHECK_FALSE(base::equal_in_constant_time("a", "b"));
    CHECK(base::new_uid().size() == 32);
    CHECK(base::new_uid() != base::new_uid());
}
