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
