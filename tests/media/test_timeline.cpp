// SPDX-License-Identifier: LGPL-2.1-or-later
#include <random>

#include <gtest/gtest.h>

#include "src/media/timeline.h"

using namespace butaca;
using namespace butaca::media;

namespace {

VideoPackets constant(std::int64_t frames, std::int64_t num, std::int64_t den, std::int64_t first_ns = 0)
{
    VideoPackets packets;
    for (std::int64_t i = 0; i < frames; i++) {
        packets.pts_ns.push_back(first_ns + i * den * 1'000'000'000 / num);
        packets.size_bytes.push_back(100);
    }
    packets.end_ns = first_ns + frames * den * 1'000'000'000 / num;
    packets.keyframes = packets.clean_keyframes = {0};
    return packets;
}

VideoTrack declared(std::int64_t num, std::int64_t den)
{
    VideoTrack track;
    track.frame_rate = {num, den};
    return track;
}

// What holds for every grid, whatever the source.
void expect_sound(const VideoTimeline &timeline, std::size_t frames)
{
    ASSERT_EQ(timeline.frames(), frames);
    EXPECT_EQ(timeline.ticks.front(), 0);
    for (std::size_t i = 1; i < timeline.ticks.size(); i++)
        ASSERT_LT(timeline.ticks[i - 1], timeline.ticks[i]) << i;
    EXPECT_EQ(timeline.borders.front(), 0U);
    EXPECT_EQ(timeline.borders.back(), frames);
    for (std::size_t k = 1; k < timeline.borders.size(); k++)
        ASSERT_LT(timeline.borders[k - 1], timeline.borders[k]) << k;
    for (std::uint32_t border : timeline.copy_borders)
        EXPECT_TRUE(std::find(timeline.borders.begin(), timeline.borders.end(), border) !=
                    timeline.borders.end());
}

} // namespace

TEST(VideoTimeline, HasExactTicksForNtscRates)
{
    auto timeline = video_timeline(declared(30000, 1001), constant(300, 30000, 1001), 0);
    ASSERT_TRUE(timeline);
    expect_sound(*timeline, 300);
    EXPECT_EQ(timeline->timescale, 30000U);
    EXPECT_EQ(timeline->ticks[300], 300 * 1001);
    EXPECT_EQ(timeline->borders[1], 60U);
}

TEST(VideoTimeline, RecognisesAConstantRateThroughMillisecondRounding)
{
    VideoPackets packets = constant(500, 24000, 1001);
    for (auto &pts_ns : packets.pts_ns)
        pts_ns = (pts_ns + 500'000) / 1'000'000 * 1'000'000;
    auto timeline = video_timeline(declared(0, 1), packets, 0);
    ASSERT_TRUE(timeline);
    expect_sound(*timeline, 500);
    EXPECT_EQ(timeline->timescale, 24000U);
    EXPECT_EQ(timeline->ticks[1], 1001);
}

TEST(VideoTimeline, DoesNotTrustADeclaredRateThatTheFramesContradict)
{
    auto timeline = video_timeline(declared(25, 1), constant(100, 24, 1), 0);
    ASSERT_TRUE(timeline);
    EXPECT_EQ(timeline->ticks[24] * 1000 / timeline->timescale, 1000);
}

TEST(VideoTimeline, KeepsEachFramesOwnTimeWhenTheRateVaries)
{
    std::mt19937 random(3);
    VideoPackets packets;
    std::int64_t at = 0;
    for (int i = 0; i < 400; i++) {
        packets.pts_ns.push_back(at);
        packets.size_bytes.push_back(1);
        at += 5'000'000 + random() % 120'000'000;
    }
    packets.end_ns = at;
    auto timeline = video_timeline(declared(0, 1), packets, 0);
    ASSERT_TRUE(timeline);
    expect_sound(*timeline, 400);
    for (std::size_t i = 0; i < 400; i++)
        EXPECT_NEAR(static_cast<double>(ns_from_ticks(timeline->ticks[i], timeline->timescale)),
                    static_cast<double>(packets.pts_ns[i]), 6000);
}

TEST(VideoTimeline, ShowsBothFieldsOfAnInterlacedFrame)
{
    VideoTrack track = declared(30000, 1001);
    track.interlaced = true;
    VideoPackets packets = constant(300, 30000, 1001, 20'000'000);
    packets.keyframes = packets.clean_keyframes = {0, 90, 180};
    auto whole = video_timeline(declared(30000, 1001), packets, 0);
    auto timeline = video_timeline(track, packets, 0);
    ASSERT_TRUE(timeline && whole);
    expect_sound(*timeline, 600);
    EXPECT_EQ(timeline->pictures_per_frame, 2U);
    EXPECT_EQ(timeline->rate, (Rational{60000, 1001}));
    EXPECT_TRUE(timeline->copy_borders.empty());
    // The first one comes late and is shown from the start; from its second field on all is even.
    for (std::size_t i = 2; i < 600; i++)
        EXPECT_EQ(timeline->ticks[i + 1] - timeline->ticks[i], timeline->ticks[2] - timeline->ticks[1]) << i;
    for (std::size_t i = 0; i <= 300; i++)
        EXPECT_EQ(timeline->ticks[2 * i] * whole->timescale, whole->ticks[i] * timeline->timescale) << i;
    ASSERT_EQ(timeline->borders.size(), whole->borders.size());
    for (std::size_t k = 0; k < whole->borders.size(); k++)
        EXPECT_EQ(timeline->borders[k], 2 * whole->borders[k]);
}

TEST(VideoTimeline, ShowsSecondFieldsHalfWayWhereTheRateVaries)
{
    VideoTrack track = declared(0, 1);
    track.interlaced = true;
    VideoPackets packets = constant(4, 25, 1);
    packets.pts_ns = {0, 40'000'000, 100'000'000, 103'000'000};
    packets.end_ns = 143'000'000;
    auto timeline = video_timeline(track, packets, 0);
    ASSERT_TRUE(timeline);
    expect_sound(*timeline, 8);
    EXPECT_EQ(ns_from_ticks(timeline->ticks[3], timeline->timescale), 70'000'000);
    EXPECT_EQ(timeline->rate.num, 0);
    auto one = constant(1, 25, 1);
    auto alone = video_timeline(track, one, 0);
    ASSERT_TRUE(alone);
    expect_sound(*alone, 2);
}

TEST(VideoTimeline, StartsCopiedSegmentsOnlyAtCleanKeyframes)
{
    VideoPackets packets = constant(1000, 24, 1);
    packets.clean_keyframes = {0, 30, 55, 130, 250, 370, 520, 700, 940};
    auto timeline = video_timeline(declared(24, 1), packets, 0);
    ASSERT_TRUE(timeline);
    expect_sound(*timeline, 1000);
    EXPECT_EQ(timeline->copy_borders,
              (std::vector<std::uint32_t>{0, 55, 130, 250, 370, 520, 700, 940, 1000}));
    for (std::size_t k = 1; k < timeline->borders.size(); k++) {
        EXPECT_GE(timeline->borders[k] - timeline->borders[k - 1], 24U) << k;
        EXPECT_LE(timeline->borders[k] - timeline->borders[k - 1], 84U) << k;
    }
}

TEST(VideoTimeline, GivesUpCopyingRatherThanServeAHugeSegment)
{
    auto timeline = video_timeline(declared(24, 1), constant(1000, 24, 1), 0);
    ASSERT_TRUE(timeline);
    EXPECT_TRUE(timeline->copy_borders.empty());
    EXPECT_EQ(timeline->borders[1], 48U);
}

TEST(VideoTimeline, ShowsALateFirstFrameFromTheStart)
{
    auto timeline = video_timeline(declared(24, 1), constant(48, 24, 1, 83'000'000), 0);
    ASSERT_TRUE(timeline);
    expect_sound(*timeline, 48);
    EXPECT_NEAR(static_cast<double>(ns_from_ticks(timeline->ticks[1], timeline->timescale)), 124'666'667.0,
                100'000);
}

TEST(VideoTimeline, HoldsForOneFrameAndForOneFrameASecond)
{
    auto one = video_timeline(declared(25, 1), constant(1, 25, 1), 0);
    ASSERT_TRUE(one);
    expect_sound(*one, 1);
    EXPECT_EQ(one->segments(), 1U);

    auto slow = video_timeline(declared(1, 1), constant(13, 1, 1), 0);
    ASSERT_TRUE(slow);
    expect_sound(*slow, 13);
}

TEST(VideoTimeline, OfAFilmWithoutFramesDoesNotExist)
{
    EXPECT_FALSE(video_timeline(declared(25, 1), {}, 0));
}

TEST(AudioTimeline, CutsWholeFramesAtTheBordersOfThePicture)
{
    auto video = video_timeline(declared(24, 1), constant(1253, 24, 1), 0);
    ASSERT_TRUE(video);
    AudioPackets packets;
    packets.pts_ns = {0};
    packets.end_ns = 52'200'000'000;
    AudioTimeline audio = audio_timeline(packets, 0, 48000, 1024, &*video);
    EXPECT_EQ(audio.total_samples, 2505600);
    EXPECT_EQ(audio.borders[1], 93U);  // 2 s × 48000 / 1024 = 93.75
    EXPECT_EQ(audio.borders[2], 187U); // 187.5
    EXPECT_EQ(audio.borders.back(), 2447U);
    EXPECT_EQ(audio.start_of(audio.frames()), 2505600);
    EXPECT_EQ(audio.start_of(93), 93 * 1024);
}

TEST(AudioTimeline, GoesOnAfterThePictureEnds)
{
    auto video = video_timeline(declared(25, 1), constant(100, 25, 1), 0);
    ASSERT_TRUE(video);
    AudioPackets packets;
    packets.pts_ns = {0};
    packets.end_ns = 60'000'000'000;
    AudioTimeline audio = audio_timeline(packets, 0, 48000, 1024, &*video);
    EXPECT_GT(audio.segments(), 10U);
    EXPECT_EQ(audio.total_samples, 60 * 48000);
}

TEST(AudioCopy, StartsAtThePacketNearestToTimeZero)
{
    AudioTrack track;
    track.rate = 48000;
    AudioPackets packets;
    packets.frame_samples = 1024;
    packets.contiguous = true;
    for (std::int64_t i = 0; i < 100; i++)
        packets.pts_ns.push_back((i * 1024 - 2112) * 1'000'000'000 / 48000);
    packets.end_ns = (100 * 1024 - 17 - 2112) * 1'000'000'000LL / 48000;
    auto copy = audio_copy_timeline(track, packets, 0, nullptr);
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->first_packet, 2U);
    EXPECT_EQ(copy->timeline.total_samples, 98 * 1024 - 17);
}

TEST(AudioCopy, IsRefusedWhenNoPacketBeginsWithThePicture)
{
    AudioTrack track;
    track.rate = 48000;
    AudioPackets packets;
    packets.frame_samples = 1024;
    packets.contiguous = true;
    for (std::int64_t i = 0; i < 100; i++)
        packets.pts_ns.push_back((i * 1024 - 500) * 1'000'000'000 / 48000);
    packets.end_ns = packets.pts_ns.back() + 21'000'000;
    EXPECT_FALSE(audio_copy_timeline(track, packets, 0, nullptr));
}

TEST(AudioCopy, IsRefusedWhenPacketsLeaveGaps)
{
    AudioTrack track;
    track.rate = 48000;
    AudioPackets packets;
    packets.frame_samples = 1024;
    packets.pts_ns = {0, 21'333'333, 99'000'000};
    EXPECT_FALSE(audio_copy_timeline(track, packets, 0, nullptr));
}

TEST(PresentationZero, IsTheFirstInstantOfAnyTrackAndIgnoresPriming)
{
    PacketIndex index;
    index.video.push_back(constant(10, 25, 1, 1'400'000'000));
    index.audio.emplace_back().pts_ns = {1'380'000'000};
    EXPECT_EQ(presentation_zero_ns(index), 1'380'000'000);
    index.audio[0].pts_ns = {-44'000'000};
    EXPECT_EQ(presentation_zero_ns(index), 0);
}

TEST(Ticks, SurviveTheWayThroughNanoseconds)
{
    for (std::uint32_t timescale : {24000U, 30000U, 44100U, 48000U, 90000U})
        for (std::int64_t tick = 0; tick < 500'000'000; tick += 1'000'003)
            ASSERT_EQ(ticks_from_ns(ns_from_ticks(tick, timescale), timescale), tick);
}

TEST(DecodeTicks, AddUpOverAllSegmentsAndNeverComeAfterAFrameIsShown)
{
    auto timeline = video_timeline(declared(24000, 1001), constant(300, 24000, 1001), 0);
    ASSERT_TRUE(timeline);
    for (std::uint32_t reorder : {0U, 1U, 2U, 4U}) {
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < timeline->segments(); k++) {
            std::uint32_t first = timeline->borders[k];
            std::uint32_t last = timeline->borders[k + 1];
            auto times = decode_ticks(*timeline, first, last, reorder);
            EXPECT_EQ(times.front(), sum);
            for (std::uint32_t n = first; n < last; n++) {
                EXPECT_LT(times[n - first], times[n - first + 1]);
                // At the worst the frame decoded n-th is shown `reorder` places earlier, and never as the
                // first one.
                std::uint32_t shown = n == 0 ? 0 : n > reorder ? n - reorder : 1;
                EXPECT_LE(times[n - first], timeline->ticks[shown]);
            }
            sum += times.back() - times.front();
        }
        EXPECT_EQ(sum, timeline->duration_ticks());
    }
}
