// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/loudness.h"
#include "tests/origin/whole_origin.h"

namespace butaca::origin {

namespace {

// What ffmpeg's ebur128 filter says of mp3-vbr-no-xing.mp3.
constexpr double song_lufs = -20.0;
constexpr double song_peak_dbtp = -0.9;

TEST_F(OriginTest, MeasuresHowLoudSoundIsWhenItIsAsked)
{
    auto song = test::media_file("mp3-vbr-no-xing.mp3");
    if (song.empty())
        GTEST_SKIP() << "no media";
    fs::copy_file(song, folder_.path("song.mp3"));
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    const std::string digest = origin.catalogue.all().front()->digest;
    std::string first;
    for (int i = 0; i < 2; i++) {
        http::Reply reply = origin.get("/items/" + digest + "/loudness", origin.ticket(digest));
        ASSERT_EQ(reply.status, 200);
        auto report = media::LoudnessReport::parse(reply.body);
        ASSERT_TRUE(report);
        ASSERT_EQ(report->tracks.size(), 1U);
        EXPECT_EQ(report->tracks.begin()->first, origin.catalogue.all().front()->audio[0].source.pad);
        EXPECT_NEAR(report->tracks.begin()->second.integrated_lufs, song_lufs, 0.2);
        EXPECT_NEAR(report->tracks.begin()->second.true_peak_dbtp, song_peak_dbtp, 0.3);
        EXPECT_TRUE(first.empty() || first == reply.body);
        first = reply.body;
    }
    EXPECT_EQ(origin.get("/items/" + digest + "/loudness", "").status, 401);
}

TEST(LoudnessReport, ComesBackFromItsTextAndNothingElseDoes)
{
    media::LoudnessReport report;
    report.tracks["audio_0"] = {-23.5, -1.25};
    auto back = media::LoudnessReport::parse(report.serialize());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->tracks, report.tracks);
    for (const char *bad : {"", "{}", "[]", R"({"tracks": [{"pad": "a"}]})",
                            R"({"tracks": [{"pad": 1, "integrated_lufs": -20, "true_peak_dbtp": 0}]})",
                            R"({"tracks": [{"pad": "a", "integrated_lufs": -1e9, "true_peak_dbtp": 0}]})"})
        EXPECT_FALSE(media::LoudnessReport::parse(bad)) << bad;
}

} // namespace

} // namespace butaca::origin
