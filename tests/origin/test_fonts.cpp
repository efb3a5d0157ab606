// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>

#include <gtest/gtest.h>

#include "src/origin/subtitles/ass.h"
#include "src/origin/subtitles/fonts.h"
#include "tests/origin/support.h"

namespace butaca::origin {
namespace {

// Begins as a font does; no more is asked here.
std::string font(std::size_t size_bytes, char fill = 'x')
{
    return std::string("\0\1\0\0", 4) + std::string(size_bytes - 4, fill);
}

// As Aegisub writes them: three bytes in four characters, 80 characters a line.
std::string coded(const std::string &bytes)
{
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::string part = bytes.substr(at, 3);
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; i++)
            group = group << 8 | (i < part.size() ? static_cast<std::uint8_t>(part[i]) : 0U);
        for (std::size_t i = 0; i <= part.size(); i++)
            out += static_cast<char>('!' + (group >> (18 - 6 * i) & 63));
    }
    std::string lines;
    for (std::size_t at = 0; at < out.size(); at += 80)
        lines += out.substr(at, 80) + "\n";
    return lines;
}

TEST(Fonts, AreReadFromTheirSectionWhateverTheirLengthAndOrder)
{
    for (std::size_t size_bytes : {13U, 14U, 15U, 16U, 60U, 61U, 5000U}) {
        // This makes lines that begin with '['.
        std::string first = font(size_bytes, '\xe9');
        std::string second = font(size_bytes + 7, '\xff');
        auto subtitles = parse_ass("[Script Info]\nTitle: t\n[Fonts]\nfontname: a.ttf\n" + coded(first) +
                                   "\nfontname: b.ttf\n" + coded(second) +
                                   "[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,x\n");
        ASSERT_TRUE(subtitles);
        ASSERT_EQ(subtitles->cues.size(), 1U);
        ASSERT_EQ(subtitles->fonts.size(), 2U) << size_bytes;
        EXPECT_EQ(subtitles->fonts[0].name, "a.ttf");
        EXPECT_EQ(subtitles->fonts[0].bytes, first);
        EXPECT_EQ(subtitles->fonts[1].bytes, second);
        EXPECT_EQ(subtitles->ass_header, "[Script Info]\nTitle: t\n");
        EXPECT_TRUE(media::Subtitles::parse(subtitles->serialize()));
    }
}

TEST(Fonts, ThatAreNoneOrAreThereAlreadyAreLeftOut)
{
    media::Subtitles subtitles;
    add_script_fonts(subtitles, "[Fonts]\nfontname: a\nzzzz~~~~\nfontname: b\n" +
                                    coded("no font at all, no") + "fontname: c\n" + coded(font(20)) +
                                    "fontname: d\n" + coded(font(20)) + "[Graphics]\nfilename: e\n" +
                                    coded(font(30)));
    ASSERT_EQ(subtitles.fonts.size(), 1U);
    EXPECT_EQ(subtitles.fonts[0].name, "c");
    add_font(subtitles, "two\nlines", font(40));
    add_font(subtitles, "\xff", font(41));
    EXPECT_EQ(subtitles.fonts.at(1).name, "font 2");
    EXPECT_EQ(subtitles.fonts.at(2).name, "font 3");
}

TEST(Fonts, AreNeverMoreThanTheLimits)
{
    media::Subtitles many;
    for (std::size_t i = 0; i < media::cue_fonts_most + 5; i++)
        add_font(many, "a", font(20 + i));
    EXPECT_EQ(many.fonts.size(), media::cue_fonts_most);
    media::Subtitles large;
    add_font(large, "a", font(media::cue_fonts_bytes_most - 100));
    add_font(large, "b", font(101));
    add_font(large, "c", font(100));
    ASSERT_EQ(large.fonts.size(), 2U);
    EXPECT_EQ(large.fonts[1].name, "c");
    EXPECT_TRUE(media::Subtitles::parse(large.serialize()));
}

TEST(Fonts, AttachedToAFilmComeWithItsStyledTracks)
{
    test::TemporaryFolder folder;
    const std::string bytes = font(3000) + "end";
    test::write_file(folder.path("a.ttf"), bytes);
    test::write_file(folder.path("notes.txt"), "not a font");
    test::write_file(folder.path("a.ass"),
                     "[Script Info]\nTitle: t\n\n[V4+ Styles]\nFormat: Name\nStyle: Default\n\n"
                     "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
                     "MarginV, Effect, Text\n"
                     "Dialogue: 0,0:00:00.50,0:00:01.00,Default,,0,0,0,,Hola\n");
    test::write_file(folder.path("b.srt"), "1\n00:00:00,500 --> 00:00:01,000\nHola\n");
    std::string line =
        "ffmpeg -v error -nostdin -y -f lavfi -i testsrc=s=128x96:r=25:d=2 -i " + folder.path("a.ass") +
        " -i " + folder.path("b.srt") + " -map 0 -map 1 -map 2 -c:v mpeg4 -c:s copy -attach " +
        folder.path("a.ttf") + " -attach " + folder.path("notes.txt") +
        " -metadata:s:t:0 mimetype=application/x-truetype-font -metadata:s:t:1 mimetype=text/plain " +
        folder.path("film.mkv");
    if (std::system("command -v ffmpeg >/dev/null") != 0)
        GTEST_SKIP() << "no ffmpeg";
    ASSERT_EQ(std::system(line.c_str()), 0);
    auto result = test::probe_file(folder.path("film.mkv"));
    ASSERT_EQ(result.subtitles.size(), 2U) << result.asset.reason;
    auto styled = media::Subtitles::parse(result.subtitles[0]);
    auto plain = media::Subtitles::parse(result.subtitles[1]);
    ASSERT_TRUE(styled && plain);
    ASSERT_EQ(styled->fonts.size(), 1U);
    EXPECT_EQ(styled->fonts[0].name, "a.ttf");
    EXPECT_EQ(styled->fonts[0].bytes, bytes);
    EXPECT_TRUE(plain->fonts.empty());
}

} // namespace
} // namespace butaca::origin
