// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/playback/chapter_texts.h"

using namespace butaca;
using namespace butaca::playback;

namespace {

constexpr std::int64_t ms = 1'000'000;

const std::vector<media::Chapter> in_two_languages{{0, 27'500 * ms, "Prologue", "en"},
                                                   {27'500 * ms, 70'000 * ms, "Tom & <Jerry>", "en"},
                                                   {0, 27'500 * ms, "Prólogo", "es"},
                                                   {27'500 * ms, 70'000 * ms, "", "es"}};

} // namespace

TEST(ChapterTexts, AsJsonHaveATitleInEachLanguage)
{
    EXPECT_EQ(chapters_json(in_two_languages),
              R"([{"start-time":0,"duration":27.5,"titles":[{"language":"en","title":"Prologue"},)"
              R"({"language":"es","title":"Prólogo"}]},{"start-time":27.5,"duration":42.5,"titles":[)"
              R"({"language":"en","title":"Tom & <Jerry>"}]}])");
}

TEST(ChapterTexts, AsWebVttAreOfOneLanguage)
{
    const std::string english = "WEBVTT\n\n00:00:00.000 --> 00:00:27.500\nPrologue\n\n"
                                "00:00:27.500 --> 00:01:10.000\nTom &amp; &lt;Jerry&gt;\n\n";
    EXPECT_EQ(chapters_vtt(in_two_languages, ""), english);
    EXPECT_EQ(chapters_vtt(in_two_languages, "fr"), english);
    EXPECT_NE(chapters_vtt(in_two_languages, "es").find("\nPrólogo\n"), std::string::npos);
    EXPECT_EQ(chapters_vtt({}, "es"), "WEBVTT\n\n");
}
