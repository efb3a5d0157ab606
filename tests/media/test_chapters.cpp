// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/media/chapters.h"

using namespace butaca;
using namespace butaca::media;

namespace {

constexpr std::int64_t s = 1'000'000'000;

} // namespace

TEST(Chapters, ThatAreInOrderStayAsTheyAre)
{
    std::vector<Chapter> chapters{
        {0, 5 * s, "One", "en"}, {5 * s, 9 * s, "Two", "en"}, {0, 9 * s, "Uno", "es"}};
    auto mended = mend_chapters(chapters, 10 * s);
    EXPECT_EQ(mended.chapters, chapters);
    EXPECT_EQ(mended.mended + mended.dropped, 0U);
}

TEST(Chapters, WithoutEndOfTheirOwnLastUntilTheNext)
{
    auto mended =
        mend_chapters({{0, 0, "One", ""}, {4 * s, 2 * s, "Two", ""}, {6 * s, 99 * s, "Three", ""}}, 10 * s);
    EXPECT_EQ(mended.chapters,
              (std::vector<Chapter>{
                  {0, 4 * s, "One", ""}, {4 * s, 6 * s, "Two", ""}, {6 * s, 10 * s, "Three", ""}}));
    EXPECT_EQ(mended.mended, 3U);
}

TEST(Chapters, AreSortedAndCutWhereTheNextBegins)
{
    auto mended = mend_chapters({{5 * s, 8 * s, "Two", ""}, {-s, 6 * s, "One", ""}}, 10 * s);
    EXPECT_EQ(mended.chapters, (std::vector<Chapter>{{0, 5 * s, "One", ""}, {5 * s, 8 * s, "Two", ""}}));
    EXPECT_EQ(mended.mended, 1U);
}

TEST(Chapters, OutsideTheTitleOrAtOneInstantAreDropped)
{
    auto mended = mend_chapters(
        {{-5 * s, -s, "Before", ""}, {0, s, "One", ""}, {0, s, "Again", ""}, {10 * s, 12 * s, "After", ""}},
        10 * s);
    EXPECT_EQ(mended.chapters, (std::vector<Chapter>{{0, s, "One", ""}}));
    EXPECT_EQ(mended.dropped, 3U);
}

TEST(Chapters, AreNeverMoreThanTheLimit)
{
    std::vector<Chapter> many;
    for (std::int64_t i = 0; i < 5000; i++)
        many.push_back({i, 0, "", i % 2 == 0 ? "en" : "de"});
    auto mended = mend_chapters(std::move(many), 10 * s);
    EXPECT_EQ(mended.chapters.size(), chapters_most);
    EXPECT_EQ(mended.dropped, 4000U);
}

TEST(Chapters, HaveTitlesOfOneLine)
{
    EXPECT_EQ(chapter_title("  The\r\n\r\n house\t\x01 "), "The house");
    EXPECT_EQ(chapter_title("a\u202eb"), "a b") << "nothing turns the text around it";
    EXPECT_EQ(chapter_title("\xff"), "\uFFFD");
    EXPECT_EQ(chapter_title("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
              "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645");
    std::string longest = chapter_title(std::string(299, 'x') + "\u00e9\u00e9");
    EXPECT_EQ(longest, std::string(299, 'x')) << "no character is cut in two";
}

TEST(Chapters, ComeBackFromJsonWithoutWhatIsMalformed)
{
    auto list = json::Value::parse(
        R"([{"start_ns": 0, "end_ns": 5, "title": "One", "language": "en"}, 7, {"start_ns": "x"},
            {"start_ns": 5, "end_ns": 4, "title": "Two", "language": "en"}])");
    ASSERT_TRUE(list);
    EXPECT_EQ(read_chapters(*list, 10), (std::vector<Chapter>{{0, 5, "One", "en"}, {5, 10, "Two", "en"}}));
    EXPECT_TRUE(read_chapters(json::Value(), 10).empty());
}
