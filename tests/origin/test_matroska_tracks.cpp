// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/origin/matroska_tracks.h"

namespace butaca::origin {
namespace {

// An element with its ID in hexadecimal digits and a size of four bytes.
std::string element(const std::string &id, const std::string &body)
{
    std::string out;
    for (std::size_t i = 0; i < id.size(); i += 2)
        out += static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16));
    auto size = static_cast<std::uint32_t>(body.size());
    out += static_cast<char>(0x10 | size >> 24);
    for (unsigned shift : {16U, 8U, 0U})
        out += static_cast<char>(size >> shift);
    return out + body;
}

std::string track(char type, const std::string &codec, const std::string &more = "")
{
    return element("AE", element("83", std::string(1, type)) + element("86", codec) + more);
}

std::string file(const std::string &tracks, const std::string &before = "")
{
    return element("1A45DFA3", "") + element("18538067", before + element("1654AE6B", tracks));
}

std::vector<MatroskaSubtitles> read(const std::string &bytes)
{
    return matroska_subtitles({reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()});
}

} // namespace

TEST(MatroskaTracks, SubtitlesAreToldInTheirOrder)
{
    auto found = read(file(track(1, "V_VP9") + track(0x11, "S_TEXT/UTF8") +
                               track(0x11, "D_WEBVTT/SUBTITLES",
                                     element("55AA", "\x01") + element("55AB", std::string(1, '\0')) +
                                         element("22B59D", "pt-BR")),
                           element("114D9B74", "seek head")));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].codec, "S_TEXT/UTF8");
    EXPECT_FALSE(found[0].forced);
    EXPECT_EQ(found[0].language, "");
    EXPECT_EQ(found[1].codec, "D_WEBVTT/SUBTITLES");
    EXPECT_TRUE(found[1].forced);
    EXPECT_FALSE(found[1].hearing_impaired);
    EXPECT_EQ(found[1].language, "pt-BR");
}

TEST(MatroskaTracks, WhatIsNoLanguageTagIsLeftOut)
{
    for (const char *wrong : {"x", "es\"", "a b", "und", "abcdefghijabcdefghijabcdefghijabcdefghij"}) {
        auto found = read(file(track(0x11, "S_TEXT/UTF8", element("22B59D", wrong))));
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].language, "") << wrong;
    }
}

TEST(MatroskaTracks, ASegmentOfUnknownSizeIsReadToItsTracks)
{
    std::string bytes = element("1A45DFA3", "") +
                        std::string("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff", 12) +
                        element("1654AE6B", track(0x11, "S_TEXT/WEBVTT"));
    ASSERT_EQ(read(bytes).size(), 1U);
}

TEST(MatroskaTracks, OfDamagedBytesEndSomewhereAndNeverBeyondThem)
{
    const std::string whole = file(track(0x11, "S_TEXT/WEBVTT") + track(0x11, "S_TEXT/UTF8"));
    for (std::size_t size = 0; size < whole.size(); size++)
        EXPECT_LE(read(whole.substr(0, size)).size(), 2U);
    for (std::size_t at = 0; at < whole.size(); at++)
        for (char byte : {'\0', '\x01', '\x7f', '\xff'}) {
            std::string broken = whole;
            broken[at] = byte;
            EXPECT_LE(read(broken).size(), 4U);
        }
    EXPECT_TRUE(read(std::string(100'000, '\xff')).empty());
    std::string many;
    for (int i = 0; i < 1000; i++)
        many += track(0x11, "S_TEXT/UTF8");
    EXPECT_EQ(read(file(many)).size(), 256U);
}

} // namespace butaca::origin
