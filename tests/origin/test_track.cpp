// SPDX-License-Identifier: LGPL-2.1-or-later
// Subtitle tracks inside files (src/origin/subtitles/track), through their demuxers.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "src/media/subtitles.h"
#include "tests/origin/support.h"

namespace butaca::origin {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr const char *film = "tears-of-steel-wvtt.en.cmft";

TEST(TracksInFilms, SamplesOfWebVttInMp4AreWholeCuesAgain)
{
    if (test::media_file(film).empty())
        GTEST_SKIP() << "BUTACA_MEDIA names no folder";
    auto result = test::probe_file(std::string(std::getenv("BUTACA_MEDIA")) + "/tears-of-steel-wvtt.en.cmft");
    EXPECT_TRUE(result.asset.broken); // nothing but subtitles is no film
    ASSERT_EQ(result.subtitles.size(), 1U);
    auto cues = media::Subtitles::parse(result.subtitles[0]);
    ASSERT_TRUE(cues);
    ASSERT_GT(cues->cues.size(), 60U);
    EXPECT_EQ(cues->skipped, 0U);
    EXPECT_EQ(cues->cues[0].text, "You're a jerk, Thom.");
    EXPECT_EQ(cues->cues[0].start_ns, 23'000 * ms);
    EXPECT_EQ(cues->cues[0].end_ns, 24'500 * ms);
    EXPECT_EQ(cues->cues[1].text, "Look Celia, we have to follow our passions;");
    EXPECT_EQ(cues->cues[1].start_ns, 25'000 * ms);
    EXPECT_EQ(cues->cues[1].end_ns, 27'000 * ms);
    for (std::size_t i = 1; i < cues->cues.size(); i++)
        EXPECT_FALSE(cues->cues[i].text == cues->cues[i - 1].text &&
                     cues->cues[i].start_ns <= cues->cues[i - 1].end_ns)
            << cues->cues[i].text;
}

TEST(TracksInFilms, SamplesOfWebVttInMp4KeepTheirSettings)
{
    if (test::media_file(film).empty())
        GTEST_SKIP() << "BUTACA_MEDIA names no folder";
    // The first cue, written anew in the same number of bytes: two cues in one sample, one with settings.
    std::ifstream in(test::media_file(film), std::ios::binary);
    std::string file(std::istreambuf_iterator<char>(in), {});
    auto box = [](const std::string &type, const std::string &content) {
        return std::string("\0\0\0", 3) + static_cast<char>(content.size() + 8) + type + content;
    };
    auto at = file.find("vttc");
    ASSERT_NE(at, std::string::npos);
    auto size = static_cast<std::uint8_t>(file[at - 1]);
    std::string cue = box("vttc", box("sttg", "line:0") + box("payl", "a"));
    ASSERT_GE(size, cue.size() + 17);
    file.replace(at - 4, size, cue + box("vttc", box("payl", std::string(size - cue.size() - 16, 'b'))));
    test::TemporaryFolder folder;
    test::write_file(folder.path("a.mp4"), file);
    auto result = test::probe_file(folder.path("a.mp4"));
    ASSERT_EQ(result.subtitles.size(), 1U);
    auto cues = media::Subtitles::parse(result.subtitles[0]);
    ASSERT_TRUE(cues);
    EXPECT_EQ(cues->cues.at(0).text, "a");
    EXPECT_EQ(cues->cues.at(0).settings, "line:0");
    EXPECT_EQ(cues->cues.at(1).text.front(), 'b');
    EXPECT_EQ(cues->cues.at(1).start_ns, cues->cues.at(0).start_ns);
}

} // namespace
} // namespace butaca::origin
