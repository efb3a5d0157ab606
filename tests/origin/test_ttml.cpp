// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>

#include <gtest/gtest.h>

#include "src/origin/subtitles/read.h"
#include "src/origin/subtitles/ttml.h"
#include "src/origin/subtitles/ttml_time.h"
#include "tests/origin/support.h"

namespace butaca::origin {
namespace {

constexpr std::int64_t ms = 1'000'000;

// A document with these attributes of its root, this head and this body.
std::string document(const std::string &head, const std::string &body, const std::string &root = {})
{
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<tt xmlns=\"http://www.w3.org/ns/ttml\" xmlns:tts=\"http://www.w3.org/ns/ttml#styling\" "
           "xmlns:ttp=\"http://www.w3.org/ns/ttml#parameter\" xml:lang=\"en\" " +
           root + ">\n<head>" + head + "</head>\n" + body + "\n</tt>\n";
}

media::Subtitles read(const std::string &text)
{
    auto subtitles = read_subtitles(text);
    EXPECT_TRUE(subtitles) << (subtitles ? "" : subtitles.error().message);
    if (!subtitles)
        return {};
    EXPECT_EQ(subtitles->format, "ttml");
    EXPECT_TRUE(media::Subtitles::parse(subtitles->subtitles.serialize()));
    return subtitles->subtitles;
}

TEST(TtmlTime, IsAClockOrAnOffset)
{
    TtmlRates rates{25, 10'000'000};
    EXPECT_EQ(ttml_time("00:01:02.5", rates), 62'500 * ms);
    EXPECT_EQ(ttml_time("01:00:00", rates), 3'600'000 * ms);
    EXPECT_EQ(ttml_time("00:00:01:05", rates), 1200 * ms);
    EXPECT_EQ(ttml_time("62.5s", rates), 62'500 * ms);
    EXPECT_EQ(ttml_time("1.5h", rates), 5'400'000 * ms);
    EXPECT_EQ(ttml_time("2m", rates), 120'000 * ms);
    EXPECT_EQ(ttml_time("1500ms", rates), 1500 * ms);
    EXPECT_EQ(ttml_time("50f", rates), 2000 * ms);
    EXPECT_EQ(ttml_time("73300000t", rates), 7330 * ms);
    for (const char *wrong : {"", "5", "s", "1:2", "00:61:00", "1..2s", "-1s", "1e3s", "99999999h", "nan",
                              "00:00:01:02:03", "1:2:x"})
        EXPECT_FALSE(ttml_time(wrong, rates)) << wrong;
    EXPECT_NEAR(ttml_multiplier("1000 1001"), 0.999, 0.0001);
    EXPECT_EQ(ttml_multiplier("1 0"), 1);
    EXPECT_EQ(ttml_rate("24", 30), 24);
    EXPECT_EQ(ttml_rate("0", 30), 30);
}

TEST(Ttml, TimesOfWhatIsAroundAreAdded)
{
    auto subtitles = read(
        document("",
                 "<body begin='10s'><div begin='1s' end='20s'><p begin='1s' end='2s'>a</p>"
                 "<p begin='2s' dur='3s'>b</p><p begin='15s' end='40s'>c</p><p begin='30s' end='40s'>late</p>"
                 "</div><p begin='5f' end='10f'>d</p></body>",
                 "ttp:frameRate='30' ttp:frameRateMultiplier='1000 1001'"));
    ASSERT_EQ(subtitles.cues.size(), 4U);
    EXPECT_NEAR(static_cast<double>(subtitles.cues[0].start_ns), 10e9 + 5e9 * 1001 / 30000, 2);
    EXPECT_EQ(subtitles.cues[1].start_ns, 12'000 * ms);
    EXPECT_EQ(subtitles.cues[1].end_ns, 13'000 * ms);
    EXPECT_EQ(subtitles.cues[2].end_ns, 16'000 * ms);
    EXPECT_EQ(subtitles.cues[3].start_ns, 26'000 * ms);
    EXPECT_EQ(subtitles.cues[3].end_ns, 30'000 * ms); // body 10 s, div to 20 s of it
    EXPECT_EQ(subtitles.skipped, 0U);
}

TEST(Ttml, KeepsItalicBoldAndUnderlineOfStylesInlineAndReferred)
{
    auto subtitles =
        read(document("<styling><style xml:id='base' tts:fontStyle='italic'/>"
                      "<style xml:id='loud' style='base' tts:fontWeight='bold'/></styling>",
                      "<body><div><p begin='0s' end='1s'>One <span style='loud'>two</span>, "
                      "<span tts:textDecoration='underline'>three</span></p>"
                      "<p begin='1s' end='2s' style='base'>all <span tts:fontStyle='normal'>but</span></p>"
                      "<p begin='2s' end='3s'>see<span tts:display='none'> not</span></p></div></body>"));
    ASSERT_EQ(subtitles.cues.size(), 3U);
    EXPECT_EQ(subtitles.cues[0].text, "One <i><b>two</b></i>, <u>three</u>");
    EXPECT_EQ(subtitles.cues[1].text, "<i>all </i>but");
    EXPECT_EQ(subtitles.cues[2].text, "see");
}

TEST(Ttml, BreaksLinesWhereItIsToldAndKeepsBlanksWhereItIsTold)
{
    auto subtitles = read(document(
        "", "<body><div><p begin='0s' end='1s'>\n   one\n   two  <br/>\n  three &amp; &lt;four&gt;\n</p>"
            "<p begin='1s' end='2s' xml:space='preserve'>a  b\nc</p>"
            "<p begin='2s' end='3s'><metadata><desc>no</desc></metadata>1 --&gt; 2<![CDATA[<b>]]></p>"
            "<p begin='3s' end='4s'> <br/> </p></div></body>"));
    ASSERT_EQ(subtitles.cues.size(), 3U);
    EXPECT_EQ(subtitles.cues[0].text, "one two\nthree &amp; &lt;four&gt;");
    EXPECT_EQ(subtitles.cues[1].text, "a  b\nc");
    EXPECT_EQ(subtitles.cues[2].text, "1 --&gt; 2&lt;b&gt;");
}

TEST(Ttml, SpansWithTimesOfTheirOwnAreCuesOfTheirOwn)
{
    auto subtitles =
        read(document("", "<body><div><p begin='10s' end='20s'><span begin='0s' end='2s'>a</span>"
                          "<span begin='3s' dur='1s'>b</span></p></div></body>"));
    ASSERT_EQ(subtitles.cues.size(), 2U);
    EXPECT_EQ(subtitles.cues[1].start_ns, 13'000 * ms);
    EXPECT_EQ(subtitles.cues[1].end_ns, 14'000 * ms);
    EXPECT_EQ(subtitles.cues[1].text, "b");
}

TEST(Ttml, StandsAtTheTopInARegionAtTheTop)
{
    auto subtitles = read(document(
        "<layout><region xml:id='t' tts:origin='10% 5%' tts:extent='80% 20%'/>"
        "<region xml:id='b' tts:origin='10% 80%' tts:extent='80% 15%' tts:displayAlign='after'/></layout>",
        "<body><div region='t'><p begin='0s' end='1s'>up</p><p begin='1s' end='2s' region='b'>down</p>"
        "</div></body>"));
    ASSERT_EQ(subtitles.cues.size(), 2U);
    EXPECT_EQ(subtitles.cues[0].settings, "line:0");
    EXPECT_EQ(subtitles.cues[1].settings, "");
}

TEST(Ttml, MayHavePrefixesAndTheOldNamespace)
{
    auto subtitles =
        read("\xef\xbb\xbf<tt:tt xmlns:tt=\"http://www.w3.org/2006/10/ttaf1\"><tt:body><tt:div>"
             "<tt:p begin=\"00:00:01.00\" end=\"00:00:02.00\">x<tt:br/>y</tt:p></tt:div></tt:body></tt:tt>");
    ASSERT_EQ(subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles.cues[0].text, "x\ny");
}

TEST(Ttml, GivesWhatIsWholeAndCountsWhatIsNot)
{
    auto subtitles =
        read(document("", "<body><div><p begin='1s' end='2s'>good</p><p begin='x' end='2s'>bad</p>"
                          "<p>never</p><p begin='3s' end='1s'>back</p><p begin='4s'"));
    ASSERT_EQ(subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles.skipped, 4U);
    EXPECT_FALSE(read_subtitles("<?xml version='1.0'?><html><p begin='1s' end='2s'>x</p></html>"));
    EXPECT_FALSE(read_subtitles("<?xml version='1.0'?>"));
    EXPECT_FALSE(read_subtitles(document("", "<body/>")));
}

TEST(Ttml, ExpandsNoEntitiesAndLooksNothingUp)
{
    std::string bomb = "<?xml version='1.0'?><!DOCTYPE tt [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>"
                       "<!ENTITY c SYSTEM 'file:///etc/passwd'>]><tt><body><div>"
                       "<p begin='0s' end='1s'>first</p><p begin='1s' end='2s'>&b;&c;</p></div></body></tt>";
    auto subtitles = read_subtitles(bomb);
    ASSERT_TRUE(subtitles);
    ASSERT_EQ(subtitles->subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles->subtitles.cues[0].text, "first");
    std::string deep;
    for (int i = 0; i < 100'000; i++)
        deep += "<div>";
    EXPECT_FALSE(read_subtitles(document("", "<body>" + deep)));
    std::string text =
        document("<styling><style xml:id='s' tts:fontStyle='italic'/></styling>",
                 "<body><div><p begin='1s' end='2s'>a<br/><span style='s'>b</span></p></div></body>");
    for (std::size_t at = 0; at < text.size(); at++) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 0x15);
        auto damaged = read_subtitles(changed);
        EXPECT_TRUE(!damaged || media::Subtitles::parse(damaged->subtitles.serialize())) << at;
    }
}

TEST(Ttml, InSamplesIsShownWhileTheyLast)
{
    media::Subtitles subtitles;
    add_ttml_packet(document("",
                             "<body><div><p begin='1s' end='9s'>a</p><p>b</p><p begin='20s' end='21s'>c</p>"
                             "</div></body>"),
                    2000 * ms, 4000 * ms, subtitles);
    ASSERT_EQ(subtitles.cues.size(), 2U);
    EXPECT_EQ(subtitles.cues[0].start_ns, 2000 * ms);
    EXPECT_EQ(subtitles.cues[0].end_ns, 4000 * ms);
    EXPECT_EQ(subtitles.cues[1].text, "b");
    EXPECT_EQ(subtitles.skipped, 0U);
}

TEST(Ttml, InsideMp4HasTheTimesOfTheFilm)
{
    test::TemporaryFolder folder;
    test::write_file(folder.path("a.vtt"), "WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n\n"
                                           "00:03.500 --> 00:04.000\nAdiós\n");
    std::string line = "ffmpeg -v error -nostdin -y -f lavfi -i testsrc=s=128x96:r=25:d=5 -i " +
                       folder.path("a.vtt") + " -map 0 -map 1 -c:v mpeg4 -c:s ttml " + folder.path("a.mp4");
    if (std::system("command -v ffmpeg >/dev/null") != 0)
        GTEST_SKIP() << "no ffmpeg";
    ASSERT_EQ(std::system(line.c_str()), 0);
    auto result = test::probe_file(folder.path("a.mp4"));
    ASSERT_EQ(result.asset.subtitles.size(), 1U) << result.asset.reason;
    EXPECT_EQ(result.asset.subtitles[0].reason, "");
    auto inside = media::Subtitles::parse(result.subtitles.at(0));
    ASSERT_TRUE(inside);
    ASSERT_EQ(inside->cues.size(), 2U);
    EXPECT_EQ(inside->cues[0].start_ns, 1000 * ms);
    EXPECT_EQ(inside->cues[0].end_ns, 2000 * ms);
    EXPECT_EQ(inside->cues[0].text, "Hola");
    EXPECT_EQ(inside->cues[1].start_ns, 3500 * ms);
    EXPECT_EQ(inside->cues[1].text, "Adiós");
}

} // namespace
} // namespace butaca::origin
