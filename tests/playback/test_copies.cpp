// SPDX-License-Identifier: LGPL-2.1-or-later
// What is sent as it is, and to whom.
#include <gtest/gtest.h>

#include "src/playback/hls.h"
#include "src/playback/planner.h"
#include "tests/playback/film.h"

using namespace butaca;
using namespace butaca::playback;

namespace {

test::Original film_in(const std::string &codec)
{
    test::Original made = test::film();
    media::VideoTrack &track = made.asset->video[0];
    track.codec = codec;
    track.profile = codec == "vp9" ? "0" : "main";
    if (codec == "hevc")
        track.source.caps = "video/x-h265, codec_data=(buffer)0101600000009000000000005af000fcfdf8f800000f03";
    if (codec == "vp9")
        track.source.caps = "video/x-vp9, chroma-format=(string)4:2:0";
    if (codec == "av1")
        track.source.caps = "video/x-av1, codec_data=(buffer)81080c00";
    return made;
}

Wishes video_codec(const std::string &codec)
{
    Wishes wishes;
    wishes.video_codec = codec;
    return wishes;
}

std::string refusal(const test::Original &original)
{
    auto planned = original.plan(video_codec("copy"));
    EXPECT_FALSE(planned);
    return planned ? "" : planned.error().message;
}

} // namespace

TEST(Copies, OfOtherCodecsAreOfferedOnlyToWhoAsksForThem)
{
    for (const char *codec : {"hevc", "vp9", "av1"}) {
        const test::Original original = film_in(codec);
        auto plain = original.plan();
        ASSERT_TRUE(plain) << codec;
        EXPECT_FALSE(plain->video[0].transform.copy) << codec;
        EXPECT_EQ(plain->video[0].transform.codec, "h264");
        auto copied = original.plan(video_codec("copy"));
        ASSERT_TRUE(copied) << codec << copied.error().message;
        ASSERT_EQ(copied->video.size(), 1U);
        EXPECT_TRUE(copied->video[0].transform.copy);
        EXPECT_EQ(copied->video[0].codecs, media::copied_codec_string(original.asset->video[0]));
        auto named = original.plan(video_codec(codec));
        ASSERT_TRUE(named) << codec;
        EXPECT_TRUE(named->video[0].transform.copy) << codec;
        EXPECT_EQ(named->video[0].id, copied->video[0].id) << "one copy for all who get it";
    }
}

TEST(Copies, AreFollowedBySmallerSizesInTheWishedCodec)
{
    auto planned = film_in("hevc").plan(video_codec("hevc"));
    ASSERT_TRUE(planned);
    ASSERT_GT(planned->video.size(), 1U);
    for (std::size_t i = 1; i < planned->video.size(); i++) {
        EXPECT_FALSE(planned->video[i].transform.copy);
        EXPECT_EQ(planned->video[i].transform.codec, "hevc");
        EXPECT_LT(planned->video[i].size.height, 720U);
    }
}

TEST(Copies, AreAllThatIsOfferedWhereThatCodecCannotBeMade)
{
    // The film's encoders have no AV1.
    auto planned = film_in("av1").plan(video_codec("av1"));
    ASSERT_TRUE(planned);
    ASSERT_EQ(planned->video.size(), 1U);
    EXPECT_TRUE(planned->video[0].transform.copy);
}

TEST(Copies, AreMadeAnewForAnotherQualityOrSize)
{
    Wishes low = video_codec("hevc");
    low.quality = media::Quality::low;
    Wishes small = video_codec("hevc");
    small.max_height = 480;
    for (const Wishes &wishes : {low, small}) {
        auto planned = film_in("hevc").plan(wishes);
        ASSERT_TRUE(planned);
        for (const auto &rendition : planned->video) {
            EXPECT_FALSE(rendition.transform.copy);
            EXPECT_EQ(rendition.transform.codec, "hevc");
        }
    }
}

TEST(Copies, AreRefusedWithTheReasonWhereTheyCouldNotBeExact)
{
    test::Original original = film_in("hevc");
    media::VideoTrack &track = original.asset->video[0];
    track.changes = true;
    EXPECT_NE(refusal(original).find("changes in the middle"), std::string::npos);
    track.changes = false;
    track.unshown = true;
    EXPECT_NE(refusal(original).find("never shown"), std::string::npos);
    track.unshown = false;
    track.rotation = 90;
    EXPECT_NE(refusal(original).find("turned upright"), std::string::npos);
    track.rotation = 0;
    original.index->video[0].clean_keyframes = {0};
    EXPECT_NE(refusal(original).find("too few points"), std::string::npos);
    EXPECT_NE(refusal(original).find("video.codec"), std::string::npos);
    EXPECT_NE(refusal(film_in("vp8")).find("vp8"), std::string::npos);
}

namespace {

// The film's sound in another codec, as the probe would tell it.
test::Original sound_in(const std::string &codec, const std::string &caps, unsigned frame_samples,
                        std::int64_t begin_ns)
{
    test::Original made = test::film();
    media::AudioTrack &track = made.asset->audio[0];
    track.codec = codec;
    track.source.caps = caps;
    media::AudioPackets &packets = made.index->audio[0];
    packets = {};
    packets.frame_samples = frame_samples;
    packets.contiguous = true;
    for (std::int64_t at_ns = begin_ns, i = 0; at_ns < 60'000'000'000;
         at_ns = begin_ns + ++i * frame_samples * 1'000'000'000 / 48000) {
        packets.pts_ns.push_back(at_ns);
        packets.size_bytes.push_back(400);
    }
    packets.end_ns = 60'000'000'000;
    return made;
}

Wishes audio_codec(const std::string &codec)
{
    Wishes wishes;
    wishes.audio_codec = codec;
    return wishes;
}

const std::string opus_caps = "audio/x-opus, channel-mapping-family=(int)0, streamheader=(buffer)< 4f70 >";

} // namespace

TEST(Copies, OfSoundAreOfferedOnlyToWhoAsksForThem)
{
    struct Case {
        const char *codec;
        std::string caps;
        unsigned frame_samples;
        const char *called;
    };
    const Case cases[] = {{"opus", opus_caps, 960, "Opus"},
                          {"flac", "audio/x-flac, streamheader=(buffer)< 7f46 >", 4608, "fLaC"},
                          {"mp3", "audio/mpeg, mpegversion=(int)1, layer=(int)3", 1152, "mp4a.40.34"},
                          {"ac3", "audio/x-ac3", 1536, "ac-3"},
                          {"eac3", "audio/x-eac3", 1536, "ec-3"},
                          {"alac", "audio/x-alac, codec_data=(buffer)" + std::string(72, '0'), 4096, "alac"}};
    for (const Case &one : cases) {
        const test::Original original = sound_in(one.codec, one.caps, one.frame_samples, 0);
        auto plain = original.plan();
        ASSERT_TRUE(plain) << one.codec;
        EXPECT_FALSE(plain->audio[0].transform.copy) << one.codec;
        EXPECT_EQ(plain->audio[0].transform.codec, "aac");
        for (const std::string &wish : {std::string("copy"), std::string(one.codec)}) {
            auto copied = original.plan(audio_codec(wish));
            ASSERT_TRUE(copied) << one.codec << copied.error().message;
            EXPECT_TRUE(copied->audio[0].transform.copy) << one.codec << " by " << wish;
            EXPECT_EQ(copied->audio[0].codecs, one.called);
        }
    }
}

TEST(Copies, OfSoundAreMadeAnewForAnotherBitRateOrLoudness)
{
    const test::Original original = sound_in("opus", opus_caps, 960, 0);
    Wishes small = audio_codec("opus");
    small.audio_bitrate_bps = 64000;
    Wishes quiet = audio_codec("opus");
    quiet.night = true;
    for (const Wishes &wishes : {small, quiet}) {
        auto planned = original.plan(wishes);
        ASSERT_TRUE(planned);
        EXPECT_FALSE(planned->audio[0].transform.copy);
        EXPECT_EQ(planned->audio[0].transform.codec, "opus");
    }
}

TEST(Copies, OfOpusBeginWithThePartOfAPacketThatIsHeard)
{
    // 312 samples before 0, as encoders write it.
    auto planned = sound_in("opus", opus_caps, 960, -6'500'000).plan(audio_codec("copy"));
    ASSERT_TRUE(planned) << planned.error().message;
    const media::AudioTimeline &timeline = planned->audio[0].timeline;
    EXPECT_EQ(timeline.cut_samples, 312U);
    EXPECT_EQ(timeline.start_of(0), 0);
    EXPECT_EQ(timeline.start_of(1), 648);
    EXPECT_EQ(timeline.start_of(timeline.frames()), 60 * 48000);
    // Each border is the last packet that begins at or before the picture's.
    const media::VideoTimeline &video = *planned->video[0].timeline;
    ASSERT_GT(timeline.segments(), 2U);
    for (std::size_t k = 1; k < video.segments(); k++) {
        const std::int64_t border = video.ticks[video.borders[k]] * 48000 / video.timescale;
        EXPECT_LE(timeline.start_of(timeline.borders[k]), border);
        EXPECT_GT(timeline.start_of(timeline.borders[k] + 1), border);
    }
}

TEST(Copies, OfOtherSoundThatBeginsInsideAPacketAreRefused)
{
    auto planned = sound_in("ac3", "audio/x-ac3", 1536, -5'333'333).plan(audio_codec("copy"));
    ASSERT_FALSE(planned);
    EXPECT_EQ(planned.error().code, ErrorCode::unprocessable);
    EXPECT_NE(planned.error().message.find("audio.codec"), std::string::npos);
    EXPECT_FALSE(sound_in("ac3", "audio/x-ac3", 1536, -5'333'333).plan(audio_codec("ac3")))
        << "nobody makes it";
}

TEST(Copies, OfSoundOutOfContainersThatCannotBeCutExactlyAreRefused)
{
    for (const char *demuxer : {"tsdemux", "avidemux"}) {
        const test::Original original = sound_in("ac3", "audio/x-ac3", 1536, 0);
        original.asset->demuxer = demuxer;
        auto planned = original.plan(audio_codec("copy"));
        ASSERT_FALSE(planned) << demuxer;
        EXPECT_NE(planned.error().message.find("cut exactly"), std::string::npos);
    }
}

TEST(Copies, OfH264ThatChangesInTheMiddleAreMadeAnew)
{
    test::Original original = test::film();
    original.asset->video[0].changes = true;
    auto planned = original.plan();
    ASSERT_TRUE(planned);
    EXPECT_FALSE(planned->video[0].transform.copy);
}

TEST(Copies, InHdrSaySoInThePlanAndThePlaylist)
{
    test::Original original = film_in("hevc");
    original.asset->video[0].bit_depth = 10;
    original.asset->video[0].colorimetry = "bt2100-hlg";
    auto playlist = [](const Presentation &presentation) {
        return multivariant_playlist(presentation, std::vector<Bandwidth>(presentation.video.size()),
                                     std::vector<Bandwidth>(presentation.audio.size()), Container::mp4);
    };
    auto copied = original.plan(video_codec("hevc"));
    ASSERT_TRUE(copied);
    EXPECT_EQ(copied->video[0].range, "HLG");
    EXPECT_NE(copied->plan[0].why_en.find("HDR (HLG)"), std::string::npos);
    EXPECT_NE(copied->plan[0].why_es.find("HDR (HLG)"), std::string::npos);
    EXPECT_NE(playlist(*copied).find("VIDEO-RANGE=HLG"), std::string::npos);
    EXPECT_NE(playlist(*copied).find("VIDEO-RANGE=SDR"), std::string::npos)
        << "the sizes below are tone mapped";
    auto made = original.plan();
    ASSERT_TRUE(made);
    EXPECT_EQ(playlist(*made).find("VIDEO-RANGE"), std::string::npos);
}
