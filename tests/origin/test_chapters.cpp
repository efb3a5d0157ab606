// SPDX-License-Identifier: LGPL-2.1-or-later
// Chapters out of real files, and out of damaged ones.
#include <random>

#include <gtest/gtest.h>

#include "src/base/files.h"
#include "src/origin/chapters/chapter_file.h"
#include "src/origin/chapters/mp4.h"
#include "src/origin/subtitles/read.h"
#include "tests/origin/support.h"

namespace butaca::origin {

namespace {

using media::Chapter;

constexpr std::int64_t ms = 1'000'000;

std::string big_endian(std::uint64_t number, unsigned bytes)
{
    std::string text;
    for (unsigned i = bytes; i-- > 0;)
        text += static_cast<char>(number >> (8 * i) & 0xff);
    return text;
}

std::string box(const std::string &type, const std::string &body)
{
    return big_endian(body.size() + 8, 4) + type + body;
}

std::vector<Chapter> chapters_in(const std::string &file)
{
    return mp4_chapters(
        [&file](std::uint64_t offset, std::size_t bytes) {
            return offset < file.size() ? file.substr(static_cast<std::size_t>(offset), bytes)
                                        : std::string();
        },
        file.size());
}

} // namespace

TEST(Chapters, OfQuickTimeAreTheOnesThatFfprobeNames)
{
    const std::string path = test::media_file("chapters-quicktime.mp4");
    if (path.empty())
        GTEST_SKIP() << "no media";
    EXPECT_EQ(test::probe_file(path).asset.chapters,
              (std::vector<Chapter>{{0, 201 * ms, "Chapter 1", ""},
                                    {201 * ms, 800 * ms, "Chapter 2", ""},
                                    {800 * ms, 850 * ms, "Chapter 3", ""}}));
}

TEST(Chapters, OfMatroskaCountFromWherePlayingBegins)
{
    const std::string path = test::media_file("chapters-444.mkv");
    if (path.empty())
        GTEST_SKIP() << "no media";
    // The file ends the first one a millisecond earlier; matroskademux lets each last until the next.
    EXPECT_EQ(
        test::probe_file(path).asset.chapters,
        (std::vector<Chapter>{{0, 2000 * ms, "Chapter 1", ""}, {2000 * ms, 4999 * ms, "Chapter 2", ""}}));
}

TEST(Chapters, OfNeroAreReadWhereThereIsNoTrack)
{
    const std::string list = big_endian(1ULL << 24, 4) + big_endian(0, 4) + "\2" + big_endian(0, 8) +
                             "\5Start" + big_endian(15'000'000, 8) + "\3End";
    const std::string moov = box("moov", box("mvhd", std::string(12, '\0') + big_endian(1000, 4)) +
                                             box("udta", box("chpl", list)));
    const auto chapters = chapters_in(box("ftyp", "M4B ") + moov);
    ASSERT_EQ(chapters.size(), 2U);
    EXPECT_EQ(chapters[0].title, "Start");
    EXPECT_EQ(chapters[1].title, "End");
    EXPECT_EQ(chapters[1].start_ns, 1'500 * ms);
}

TEST(Chapters, OfDamagedFilesAreFewOrNone)
{
    const std::string path = test::media_file("chapters-quicktime.mp4");
    if (path.empty())
        GTEST_SKIP() << "no media";
    const std::string whole = read_file(path, 1U << 20).value_or("");
    const auto moov = whole.find("moov");
    ASSERT_NE(moov, std::string::npos);
    std::mt19937 random(7);
    std::size_t kept = 0;
    for (int round = 0; round < 3000; round++) {
        std::string damaged = whole;
        for (int i = 0; i < 4; i++) {
            const auto at = moov - 4 + random() % (whole.size() - moov + 4);
            damaged[at] = static_cast<char>(random());
        }
        const auto chapters = chapters_in(damaged);
        EXPECT_LE(chapters.size(), media::chapters_most);
        kept += chapters.size() == 3;
    }
    EXPECT_GT(kept, 0U) << "small damage elsewhere costs no chapter";
    for (std::size_t length = 0; length < whole.size(); length += 997)
        EXPECT_LE(chapters_in(whole.substr(0, length)).size(), 3U);
}

TEST(ChapterFile, IsToldByItsName)
{
    EXPECT_TRUE(holds_chapters("/f/film.mkv", "/f/film.chapters.en.vtt"));
    EXPECT_TRUE(holds_chapters("/f/film.mkv", "/f/film.en.Chapters.srt"));
    EXPECT_FALSE(holds_chapters("/f/film.mkv", "/f/film.en.vtt"));
    EXPECT_FALSE(holds_chapters("/f/the.chapters.mkv", "/f/the.chapters.en.vtt"))
        << "that is the film's name";
    EXPECT_TRUE(may_hold_chapters("/f/the.chapters.en.vtt"));
    EXPECT_FALSE(may_hold_chapters("/chapters.d/film.en.vtt"));
}

TEST(ChapterFile, GivesAChapterForEachCueWithoutMarks)
{
    auto read = read_subtitles("WEBVTT\n\n1\n00:00.000 --> 00:27.500\n<b>Tom</b> &amp; Jerry &lt;3\n\n"
                               "2\n00:27.500 --> 01:10.000\nSwitchboard\ntrap\n");
    ASSERT_TRUE(read);
    auto chapters = media::mend_chapters(chapters_from_cues(read->subtitles), 60'000 * ms).chapters;
    EXPECT_EQ(chapters, (std::vector<Chapter>{{0, 27'500 * ms, "Tom & Jerry <3", ""},
                                              {27'500 * ms, 60'000 * ms, "Switchboard trap", ""}}));
}

} // namespace butaca::origin
