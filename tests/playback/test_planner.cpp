// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "src/playback/job_parts.h"
#include "src/playback/planner.h"
#include "tests/playback/film.h"

using namespace butaca;
using namespace butaca::playback;

namespace {

Wishes wish(const std::string &text)
{
    auto body = json::Value::parse(text);
    EXPECT_TRUE(body) << text;
    auto wishes = wishes_from_json(*body);
    EXPECT_TRUE(wishes) << wishes.error().message;
    return *wishes;
}

ErrorCode refusal(const std::string &text)
{
    auto body = json::Value::parse(text);
    EXPECT_TRUE(body) << text;
    auto wishes = wishes_from_json(*body);
    return wishes ? ErrorCode::internal : wishes.error().code;
}

TEST(Planner, CopiesWhatPlaysEverywhereAndOffersSmallerSizesBelow)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned) << planned.error().message;
    ASSERT_EQ(planned->video.size(), 4U);
    EXPECT_TRUE(planned->video[0].transform.copy);
    EXPECT_EQ(planned->video[0].codecs, "avc1.64001F");
    EXPECT_EQ(planned->video[1].size, (media::Size{854, 480}));
    EXPECT_FALSE(planned->video[1].transform.copy);
    ASSERT_EQ(planned->audio.size(), 1U);
    EXPECT_TRUE(planned->audio[0].transform.copy);
    EXPECT_TRUE(planned->audio[0].is_default);
}

TEST(Planner, AnnouncesMoreBandwidthForALargerPicture)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned);
    for (std::size_t i = 1; i < planned->video.size(); i++) {
        EXPECT_LT(planned->video[i].bandwidth.peak_bps, planned->video[i - 1].bandwidth.peak_bps) << i;
        EXPECT_LE(planned->video[i].bandwidth.average_bps, planned->video[i].bandwidth.peak_bps) << i;
    }
}

TEST(Planner, EncodesEverythingWhenAQualityBelowTheOriginalsWasAskedFor)
{
    auto planned = test::film().plan(wish(R"({"video": {"quality": "low"}})"));
    ASSERT_TRUE(planned);
    EXPECT_EQ(planned->video[0].size, (media::Size{1280, 720}));
    EXPECT_FALSE(planned->video[0].transform.copy);
    EXPECT_EQ(planned->video[0].transform.constant_quality, 29U);
}

TEST(Planner, HasSmallKeyframesInTheCodecOfTheOthers)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned && planned->keyframes);
    const VideoRendition &keyframes = *planned->keyframes;
    EXPECT_EQ(keyframes.size, (media::Size{640, 360}));
    EXPECT_TRUE(keyframes.transform.keyframes);
    EXPECT_EQ(keyframes.transform.codec, "h264");
    EXPECT_EQ(&keyframes.borders(), &keyframes.timeline->borders) << "the finer grid, also beside a copy";
    for (const auto &rendition : planned->video)
        EXPECT_NE(rendition.id, keyframes.id);
    auto hevc = test::film().plan(wish(R"({"video": {"codec": "hevc", "max_height": 200}})"));
    ASSERT_TRUE(hevc && hevc->keyframes);
    EXPECT_EQ(hevc->keyframes->transform.codec, "hevc");
    EXPECT_EQ(hevc->keyframes->size.height, 200U);
    auto copied = test::film().plan(wish(R"({"video": {"codec": "copy"}})"));
    ASSERT_TRUE(copied && copied->keyframes);
    EXPECT_EQ(copied->keyframes->id, keyframes.id) << "the same pictures, whatever else is offered";
}

TEST(Planner, HasNoKeyframesOfMusic)
{
    test::Original original = test::film();
    original.asset->kind = media::Kind::audio;
    auto planned = original.plan();
    ASSERT_TRUE(planned);
    EXPECT_FALSE(planned->keyframes);
}

TEST(Planner, NeverOffersAPictureHigherThanAskedFor)
{
    for (unsigned height : {719U, 500U, 480U, 360U, 100U}) {
        Wishes wishes;
        wishes.max_height = height;
        auto planned = test::film().plan(wishes);
        ASSERT_TRUE(planned);
        for (const auto &rendition : planned->video) {
            EXPECT_LE(rendition.size.height, height);
            EXPECT_EQ(rendition.size.height % 2, 0U);
            EXPECT_EQ(rendition.size.width % 2, 0U);
        }
        EXPECT_GE(planned->video[0].size.height, height - 1) << "the wish itself is offered";
    }
}

TEST(Planner, RefusesACopyThatCannotBeAndNamesTheWish)
{
    test::Original original = test::film();
    original.asset->video[0].codec = "vp9";
    auto planned = original.plan(wish(R"({"video": {"codec": "copy"}})"));
    ASSERT_FALSE(planned);
    EXPECT_EQ(planned.error().code, ErrorCode::unprocessable);
    EXPECT_NE(planned.error().message.find("video.codec"), std::string::npos);
}

TEST(Planner, EncodesWhatIsInterlacedTurnedOrOfDeepColour)
{
    auto first_is_copied = [](auto change) {
        test::Original original = test::film();
        change(original.asset->video[0]);
        auto planned = original.plan();
        return planned && planned->video[0].transform.copy;
    };
    EXPECT_TRUE(first_is_copied([](media::VideoTrack &) {}));
    EXPECT_FALSE(first_is_copied([](media::VideoTrack &track) { track.interlaced = true; }));
    EXPECT_FALSE(first_is_copied([](media::VideoTrack &track) { track.rotation = 90; }));
    EXPECT_FALSE(first_is_copied([](media::VideoTrack &track) { track.mirrored = true; }));
    EXPECT_FALSE(first_is_copied([](media::VideoTrack &track) { track.bit_depth = 10; }));
    EXPECT_FALSE(first_is_copied([](media::VideoTrack &track) { track.profile = "high-4:4:4"; }));
    EXPECT_FALSE(first_is_copied([](media::VideoTrack &track) { track.source.caps = "video/x-h264"; }));
}

TEST(Planner, GivesOneIdentityToOneTransformAndAnotherToAllElse)
{
    std::set<std::string> seen;
    auto first = test::film().plan();
    auto again = test::film().plan();
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->video[1].id, again->video[1].id);
    for (const char *text :
         {R"({})", R"({"video": {"quality": "low"}})", R"({"video": {"quality": "medium"}})",
          R"({"video": {"codec": "h264", "quality": "best"}})"}) {
        auto planned = test::film().plan(wish(text));
        ASSERT_TRUE(planned);
        EXPECT_TRUE(seen.insert(planned->video.back().id).second) << text;
    }
    test::Original mirrored = test::film();
    mirrored.asset->video[0].mirrored = true;
    EXPECT_NE(mirrored.plan()->video.back().id, first->video.back().id);
    test::Original moved = test::film();
    moved.index->video[0].pts_ns[5] += 1'500'000;
    EXPECT_NE(moved.plan()->video[1].id, first->video[1].id) << "another grid is another rendition";
}

TEST(Planner, PutsTheWishedLanguageFirst)
{
    test::Original original = test::film();
    original.asset->audio[0].language = "en";
    original.asset->audio.push_back(original.asset->audio[0]);
    original.asset->audio[1].index = 1;
    original.asset->audio[1].language = "es-419";
    original.index->audio.push_back(original.index->audio[0]);
    auto planned = original.plan(wish(R"({"audio": {"language": "es"}})"));
    ASSERT_TRUE(planned);
    EXPECT_FALSE(planned->audio[0].is_default);
    EXPECT_TRUE(planned->audio[1].is_default);
}

TEST(Planner, PlaysMusicWithoutAPicture)
{
    test::Original original = test::film();
    original.asset->kind = media::Kind::audio;
    original.asset->video.clear();
    original.index->video.clear();
    auto planned = original.plan(wish(R"({"audio": {"codec": "opus", "bitrate": 96}})"));
    ASSERT_TRUE(planned);
    EXPECT_TRUE(planned->video.empty());
    ASSERT_EQ(planned->audio.size(), 1U);
    EXPECT_EQ(planned->audio[0].transform.bitrate_bps, 96000U);
    EXPECT_EQ(planned->audio[0].timeline.rate, 48000U);
}

TEST(Planner, SaysWhyABrokenOriginalDoesNotPlay)
{
    test::Original original = test::film();
    original.asset->broken = true;
    original.asset->reason = "the file is empty";
    auto planned = original.plan();
    ASSERT_FALSE(planned);
    EXPECT_EQ(planned.error().message, "the file is empty");
}

TEST(Wishes, TakeKilobitsAndBits)
{
    EXPECT_EQ(wish(R"({"audio": {"bitrate": 128}})").audio_bitrate_bps, 128000U);
    EXPECT_EQ(wish(R"({"audio": {"bitrate": 128000}})").audio_bitrate_bps, 128000U);
}

TEST(Wishes, AreRefusedWithTheRightKindOfError)
{
    EXPECT_EQ(refusal(R"({"video": []})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"video": {"max_height": -1}})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"video": {"max_height": 480.5}})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"video": {"quality": 3}})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"audio": {"bitrate": 5}})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"audio": {"bitrate": 5000}})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"audio": {"language": "es/../"}})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"video": {"codec": "xyz"}})"), ErrorCode::unprocessable);
    EXPECT_EQ(refusal(R"({"video": {"codec": "copy", "quality": "low"}})"), ErrorCode::unprocessable);
    EXPECT_EQ(refusal(R"({"container": "mkv"})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"container": 1})"), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal(R"({"container": "ts", "audio": {"codec": "opus"}})"), ErrorCode::unprocessable);
}

TEST(Wishes, ComeBackFromTheirShortForm)
{
    Wishes all = wish(R"({"video": {"codec": "h264", "max_height": 480, "quality": "best"},
                          "audio": {"codec": "opus", "bitrate": 96, "language": "en-GB"}})");
    auto back = wishes_from_text(to_text(all));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, all);
    Wishes packed = wish(R"({"container": "ts"})");
    back = wishes_from_text(to_text(packed));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->container, Container::transport_stream);
    EXPECT_FALSE(wishes_from_text("~0~~~0~~avi"));
    EXPECT_FALSE(wishes_from_text("h264~x~high~aac~0~"));
    EXPECT_FALSE(wishes_from_text(""));
}

TEST(Planner, MakesTheCodecsThatAreAskedForAndSaysWhichBeforeAnythingIsMade)
{
    auto plan = test::film().plan(
        wish(R"({"video": {"codec": "hevc", "max_height": 480}, "audio": {"codec": "flac"}})"));
    ASSERT_TRUE(plan);
    for (const auto &rendition : plan->video) {
        EXPECT_FALSE(rendition.transform.copy);
        EXPECT_EQ(rendition.transform.codec, "hevc");
        EXPECT_EQ(rendition.codecs.substr(0, 10), "hvc1.1.6.L");
    }
    ASSERT_EQ(plan->audio.size(), 1U);
    EXPECT_EQ(plan->audio[0].codecs, "fLaC");
    EXPECT_EQ(plan->audio[0].transform.frame_samples, 4096U);
    EXPECT_GE(plan->audio[0].bandwidth.peak_bps, 48000U * 2 * 16);

    plan = test::film().plan(wish(R"({"video": {"codec": "vp9", "max_height": 480}})"));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->video.front().codecs, "vp09.00.30.08");
    EXPECT_NE(plan->video.front().transform.constant_quality,
              media::constant_quality(media::Quality::high, "h264"));
}

TEST(Planner, NamesTheWishForAnEncoderThatIsNotThere)
{
    auto film = test::film();
    auto plan = playback::plan(film.asset, film.index, wish(R"({"video": {"codec": "hevc"}})"),
                               {{"h264", "1"}, {"aac", "1"}});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::unprocessable);
    EXPECT_NE(plan.error().message.find("video.codec"), std::string::npos);
}

TEST(Wishes, ThatExcludeEachOtherAreRefused)
{
    EXPECT_EQ(refusal(R"({"container": "ts", "video": {"codec": "vp9"}})"), ErrorCode::unprocessable);
    EXPECT_EQ(refusal(R"({"container": "ts", "audio": {"codec": "flac"}})"), ErrorCode::unprocessable);
    EXPECT_EQ(refusal(R"({"audio": {"codec": "flac", "bitrate": 128}})"), ErrorCode::unprocessable);
}

} // namespace

TEST(EncoderRate, IsToldToX265EvenWhereItVaries)
{
    media::VideoTimeline timeline;
    timeline.timescale = 90000;
    timeline.ticks = {0, 90000, 93000, 96000, 180000};
    timeline.rate = {0, 1};
    EXPECT_EQ(encoder_rate(timeline, "hevc"), (media::Rational{2, 1}));
    EXPECT_EQ(encoder_rate(timeline, "h264"), (media::Rational{0, 1}));
    timeline.ticks = {0, 900000};
    EXPECT_EQ(encoder_rate(timeline, "hevc"), (media::Rational{1, 1})) << "never none";
    timeline.rate = {24000, 1001};
    EXPECT_EQ(encoder_rate(timeline, "hevc"), timeline.rate);
}
