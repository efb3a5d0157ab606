// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "src/playback/bandwidth.h"
#include "src/playback/hls.h"
#include "tests/playback/film.h"

using namespace butaca;
using namespace butaca::playback;

namespace {

std::vector<double> durations_in(const std::string &playlist)
{
    std::vector<double> found;
    for (auto at = playlist.find("#EXTINF:"); at != std::string::npos; at = playlist.find("#EXTINF:", at + 1))
        found.push_back(std::strtod(playlist.c_str() + at + 8, nullptr));
    return found;
}

std::string multivariant(const Presentation &presentation, Container container = Container::mp4)
{
    const test::PlannedBandwidth planned(presentation);
    return multivariant_playlist(presentation, planned.video, planned.audio, container);
}

} // namespace

TEST(MediaPlaylist, IsWholeAtOnceAndAddsUpToTheFilm)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned);
    unsigned target_s = target_duration_s(*planned);
    for (const auto &rendition : planned->video) {
        std::string text = media_playlist(rendition, target_s, Container::mp4);
        EXPECT_EQ(text.rfind("#EXTM3U\n", 0), 0U);
        EXPECT_NE(text.find("#EXT-X-PLAYLIST-TYPE:VOD\n"), std::string::npos);
        EXPECT_NE(text.find("#EXT-X-INDEPENDENT-SEGMENTS\n"), std::string::npos);
        EXPECT_NE(text.find("#EXT-X-MAP:URI=\"init.mp4\"\n"), std::string::npos);
        EXPECT_TRUE(text.ends_with("#EXT-X-ENDLIST\n"));
        double sum = 0;
        for (double duration_s : durations_in(text)) {
            sum += duration_s;
            EXPECT_LE(std::lround(duration_s), target_s);
        }
        EXPECT_NEAR(sum, 60.0, 1e-4);
    }
}

TEST(MultivariantPlaylist, NamesEverythingThatAPlayerChoosesBy)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned);
    std::string text = multivariant(*planned);
    EXPECT_NE(
        text.find("CODECS=\"avc1.64001F,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=24.000,AUDIO=\"audio\""),
        std::string::npos)
        << text;
    EXPECT_NE(text.find("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\""), std::string::npos);
    EXPECT_NE(text.find("AVERAGE-BANDWIDTH="), std::string::npos);
}

TEST(MultivariantPlaylist, NamesTheKeyframesWithoutSoundOrRate)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned && planned->keyframes);
    std::string text = multivariant(*planned);
    auto at = text.find("#EXT-X-I-FRAME-STREAM-INF:");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_EQ(
        text.substr(at),
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=" + std::to_string(planned->keyframes->bandwidth.peak_bps) +
            ",AVERAGE-BANDWIDTH=" + std::to_string(planned->keyframes->bandwidth.average_bps) +
            ",CODECS=\"avc1.64001E\",RESOLUTION=640x360,URI=\"" + planned->keyframes->id + "/index.m3u8\"\n");
    EXPECT_NE(multivariant(*planned, Container::transport_stream).find(planned->keyframes->id + "/ts.m3u8"),
              std::string::npos);
}

TEST(MediaPlaylist, OfKeyframesSaysSoAndCoversTheFilm)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned && planned->keyframes);
    std::string text = media_playlist(*planned->keyframes, 2, Container::mp4);
    EXPECT_NE(text.find("#EXT-X-I-FRAMES-ONLY\n"), std::string::npos);
    EXPECT_NE(text.find("#EXT-X-MAP:URI=\"init.mp4\"\n"), std::string::npos);
    EXPECT_EQ(durations_in(text), std::vector<double>(30, 2.0));
    EXPECT_EQ(media_playlist(planned->video[0], 2, Container::mp4).find("I-FRAMES"), std::string::npos);
}

TEST(Playlists, OfTransportStreamsNameNothingOfMp4)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned);
    std::string text = multivariant(*planned, Container::transport_stream) +
                       media_playlist(planned->audio[0], 4, Container::transport_stream) +
                       media_playlist(planned->video[0], 4, Container::transport_stream);
    EXPECT_NE(text.find("URI=\"" + planned->audio[0].id + "/ts.m3u8\""), std::string::npos);
    EXPECT_NE(text.find("\n" + planned->video[0].id + "/ts.m3u8\n"), std::string::npos);
    EXPECT_NE(text.find(",\n0.ts\n"), std::string::npos);
    for (const char *other : {"index.m3u8", ".m4s", "EXT-X-MAP"})
        EXPECT_EQ(text.find(other), std::string::npos) << other;
}

TEST(MultivariantPlaylist, LetsNoTrackTitleBreakOutOfItsQuotes)
{
    test::Original original = test::film();
    original.asset->audio[0].title = "Sound\"\n#EXT-X-ENDLIST\r\n\"";
    auto planned = original.plan();
    ASSERT_TRUE(planned);
    std::string text = multivariant(*planned);
    EXPECT_EQ(text.find("\n#EXT-X-ENDLIST"), std::string::npos) << text;
}

TEST(MultivariantPlaylist, OfMusicIsASingleVariantWithoutPicture)
{
    test::Original original = test::film();
    original.asset->kind = media::Kind::audio;
    original.asset->video.clear();
    original.index->video.clear();
    auto planned = original.plan();
    ASSERT_TRUE(planned);
    std::string text = multivariant(*planned);
    EXPECT_EQ(text.find("EXT-X-MEDIA"), std::string::npos);
    EXPECT_EQ(text.find("RESOLUTION"), std::string::npos);
    EXPECT_NE(text.find("CODECS=\"mp4a.40.2\""), std::string::npos);
}

TEST(MultivariantPlaylist, SaysWhereTheChaptersAre)
{
    test::Original original = test::film();
    EXPECT_EQ(multivariant(*original.plan()).find("SESSION-DATA"), std::string::npos);
    original.asset->chapters = {{0, 1'000'000'000, "One", "en"}};
    std::string text = multivariant(*original.plan());
    EXPECT_NE(text.find("#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.chapters\",URI=\"chapters.json\"\n"),
              std::string::npos)
        << text;
}

TEST(Bandwidth, BecomesExactOnceAllSegmentsAreKnown)
{
    Bandwidth bound{1'000'000, 2'000'000, false};
    std::vector<double> durations_s = {2, 2, 1};
    auto none = corrected(
        bound, durations_s, [](std::int64_t) { return 0; }, 0);
    EXPECT_EQ(none.peak_bps, bound.peak_bps);
    auto some = corrected(
        bound, durations_s, [](std::int64_t k) { return k == 0 ? 100'000 : 0; }, 0);
    EXPECT_EQ(some.average_bps, 400'000U);
    EXPECT_EQ(some.peak_bps, bound.peak_bps)
        << "what is not made yet may still be as large as the cap allows";
    auto all = corrected(
        bound, durations_s, [](std::int64_t) { return 100'000; }, 0);
    EXPECT_TRUE(all.measured);
    EXPECT_EQ(all.average_bps, 480'000U);
    EXPECT_EQ(all.peak_bps, 800'000U);
}

TEST(Bandwidth, PeaksOverRunsOfSegmentsAsLongAsTheTarget)
{
    Bandwidth bound{1'000'000, 2'000'000, false};
    std::vector<double> durations_s(20, 2.0);
    // One large segment among small ones weighs less in a run with its neighbours.
    auto size = [](std::int64_t k) -> std::uint64_t { return k == 7 ? 1'000'000 : 100'000; };
    EXPECT_EQ(corrected(bound, durations_s, size, 0).peak_bps, 4'000'000U);
    EXPECT_EQ(corrected(bound, durations_s, size, 2).peak_bps, 4'000'000U);
    // Half of ten seconds takes three segments of two.
    EXPECT_EQ(corrected(bound, durations_s, size, 10).peak_bps, 1'600'000U);
    // No run is as long as that: then all together are the longest that there is.
    EXPECT_EQ(corrected(bound, durations_s, size, 100).peak_bps, 580'000U);
}

TEST(Bandwidth, OfACopyIsExactBeforeAnythingIsMade)
{
    auto original = test::film();
    // A rest of a few milliseconds of sound, which weighs as much for its time as a segment of pictures
    // would.
    auto &packets = original.index->audio[0];
    packets.end_ns += 2'000'000;
    packets.pts_ns.push_back(packets.pts_ns.back() + 1024LL * 1'000'000'000 / 48000);
    packets.size_bytes.push_back(340);
    auto planned = original.plan();
    ASSERT_TRUE(planned.has_value());
    const AudioRendition &sound = planned->audio.at(0);
    ASSERT_TRUE(sound.transform.copy);
    const auto durations_s = segment_durations_s(sound);
    ASSERT_EQ(sound.copied_bytes.size(), durations_s.size());
    ASSERT_LT(durations_s.back(), 0.05);
    auto nothing = [](std::int64_t) -> std::uint64_t { return 0; };
    const auto whole = corrected(sound.bandwidth, durations_s, known_or(nothing, sound.copied_bytes), 2);
    EXPECT_TRUE(whole.measured);
    EXPECT_LT(whole.peak_bps, whole.average_bps * 11 / 10) << "constant sound has no peak";
    const VideoRendition &pictures = planned->video.at(0);
    ASSERT_TRUE(pictures.transform.copy);
    ASSERT_EQ(pictures.copied_bytes.size(), segment_durations_s(pictures).size());
    EXPECT_NEAR(pictures.copied_bytes[0], 40000 + 47 * 5000 + 48 * 14 + 200, 1);
    // What was made weighs what it weighs.
    auto made = [](std::int64_t k) -> std::uint64_t { return k == 0 ? 1'000'000 : 0; };
    EXPECT_EQ(
        corrected(pictures.bandwidth, segment_durations_s(pictures), known_or(made, pictures.copied_bytes), 2)
            .peak_bps,
        4'000'000U);
}

TEST(MultivariantPlaylist, LetsADeviceChooseOneOfEachLanguage)
{
    auto original = test::film();
    for (const char *language : {"en", "es", "en"}) {
        original.asset->audio.push_back(original.asset->audio[0]);
        original.asset->audio.back().index = static_cast<unsigned>(original.asset->audio.size() - 1);
        original.asset->audio.back().language = language;
        original.index->audio.push_back(original.index->audio[0]);
    }
    original.asset->audio[0].language = "en";
    original.asset->audio[3].is_default = true;
    auto planned = original.plan();
    ASSERT_TRUE(planned.has_value());
    std::vector<std::string> chosen;
    const std::string text = multivariant(*planned);
    for (auto at = text.find("DEFAULT="); at != std::string::npos; at = text.find("DEFAULT=", at + 1))
        chosen.push_back(text.substr(at, text.find(",CHANNELS", at) - at));
    EXPECT_EQ(chosen, (std::vector<std::string>{"DEFAULT=NO,AUTOSELECT=NO", "DEFAULT=NO,AUTOSELECT=NO",
                                                "DEFAULT=NO,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=YES"}));
}
