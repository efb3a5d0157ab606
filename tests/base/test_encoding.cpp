// SPDX-License-Identifier: LGPL-2.1-or-later
// Published vectors (RFC 4648, FIPS 180-2) and what must be refused.
#include <array>

#include <gtest/gtest.h>

#include "src/base/encoding.h"

using namespace butaca;
using namespace std::string_literals;

TEST(Hex, GoesThereAndBack)
{
    std::array<std::uint8_t, 3> bytes{0x00, 0x7f, 0xff};
    EXPECT_EQ(to_hex(bytes), "007fff");
    EXPECT_EQ(to_hex({}), "");
    EXPECT_EQ(from_hex("007FfF"), "\x00\x7f\xff"s);
    EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, RefusesWhatIsNotPairsOfDigits)
{
    for (const char *text : {"0", "0g", "00 ", " 00", "0x00", "00\n0"})
        EXPECT_FALSE(from_hex(text)) << text;
}

TEST(Base64Url, MatchesTheVectorsOfRfc4648)
{
    EXPECT_EQ(to_base64url(""), "");
    EXPECT_EQ(to_base64url("f"), "Zg");
    EXPECT_EQ(to_base64url("fo"), "Zm8");
    EXPECT_EQ(to_base64url("foo"), "Zm9v");
    EXPECT_EQ(to_base64url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
}

TEST(Base64Url, ReadsBackEveryLength)
{
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        bytes += static_cast<char>(i * 37);
    }
}

TEST(Base64Url, HasOneSpellingOnly)
{
    for (const char *text : {"Zg==", "Zh", "Zm9", "Z", "Zm9v\n", " Zm9v", "+/8", "Zm.v", "Zm9vA"})
        EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(PercentEncode, LeavesOnlyTheUnreservedCharacters)
{
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a b/c?\xc3\xa9%\0"s), "a%20b%2Fc%3F%C3%A9%25%00");
}

TEST(ToInteger, TakesTheWholeTextOrNothing)
{
    EXPECT_EQ(to_integer<int>("-12"), -12);
    EXPECT_EQ(to_integer<std::uint8_t>("255"), 255);
    EXPECT_EQ(to_integer<std::int64_t>("9223372036854775807"), INT64_MAX);
    EXPECT_FALSE(to_integer<std::uint8_t>("256"));
    EXPECT_FALSE(to_integer<unsigned>("-1"));
    for (const char *text : {"", " 1", "1 ", "+1", "0x1", "1.0", "-"})
        EXPECT_FALSE(to_integer<int>(text)) << text;
}

TEST(Sha256, MatchesTheStandardsVector)
{
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
