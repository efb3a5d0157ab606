// SPDX-License-Identifier: LGPL-2.1-or-later
// The arithmetic of the index, on packets made by hand.
#include <gtest/gtest.h>

#include "src/origin/packets.h"

namespace butaca::origin {

namespace {

constexpr std::int64_t ms = 1'000'000;

Packet picture(std::int64_t pts_ns, bool keyframe)
{
    Packet packet;
    packet.pts_ns = pts_ns;
    packet.duration_ns = 40 * ms;
    packet.size_bytes = 100;
    packet.keyframe = keyframe;
    return packet;
}

Packet sound(std::int64_t pts_ns, std::int64_t duration_ns)
{
    Packet packet;
    packet.pts_ns = pts_ns;
    packet.duration_ns = duration_ns;
    packet.keyframe = true;
    return packet;
}

} // namespace

TEST(VideoPackets, ArePutInTheOrderOfPresentation)
{
    Dropped dropped;
    auto video = video_packets(
        {picture(0, true), picture(120 * ms, false), picture(40 * ms, false), picture(80 * ms, false)},
        dropped);
    EXPECT_EQ(video.pts_ns, (std::vector<std::int64_t>{0, 40 * ms, 80 * ms, 120 * ms}));
    EXPECT_EQ(video.end_ns, 160 * ms);
    EXPECT_EQ(video.keyframes, std::vector<std::uint32_t>{0});
    EXPECT_EQ(video.clean_keyframes, std::vector<std::uint32_t>{0});
}

TEST(VideoPackets, AKeyframeWithLeadingPicturesIsNotClean)
{
    Dropped dropped;
    auto video = video_packets({picture(0, true), picture(40 * ms, false), picture(160 * ms, true),
                                picture(80 * ms, false), picture(120 * ms, false)},
                               dropped);
    EXPECT_EQ(video.keyframes, (std::vector<std::uint32_t>{0, 4}));
    EXPECT_EQ(video.clean_keyframes, std::vector<std::uint32_t>{0});
}

TEST(VideoPackets, OutsideTheEditListAreLeftOutAndTheEndIsTheEditsEnd)
{
    std::vector<Packet> packets{picture(-40 * ms, true), picture(0, false), picture(40 * ms, false),
                                picture(80 * ms, false)};
    for (Packet &packet : packets) {
        packet.shown_from_ns = 0;
        packet.shown_until_ns = 70 * ms;
    }
    Dropped dropped;
    auto video = video_packets(packets, dropped);
    EXPECT_EQ(video.pts_ns, (std::vector<std::int64_t>{0, 40 * ms}));
    EXPECT_EQ(video.end_ns, 70 * ms);
    EXPECT_EQ(dropped.outside_edit, 2U);
    EXPECT_TRUE(video.keyframes.empty());
    EXPECT_EQ(dropped.needed, 1U) << "the first of them was the keyframe of the others";
}

TEST(VideoPackets, ThatAreDecodedButNotShownAreNeededByThoseUpToTheNextKeyframe)
{
    Packet hidden = picture(80 * ms, false);
    hidden.hidden = true;
    Dropped inside;
    video_packets({picture(0, true), picture(40 * ms, false), hidden, picture(120 * ms, false)}, inside);
    EXPECT_EQ(inside.needed, 1U);
    Dropped before_a_keyframe;
    video_packets({picture(0, true), picture(40 * ms, false), hidden, picture(120 * ms, true)},
                  before_a_keyframe);
    EXPECT_EQ(before_a_keyframe.needed, 0U);
    Dropped last;
    video_packets({picture(0, true), picture(40 * ms, false), hidden}, last);
    EXPECT_EQ(last.needed, 0U);
}

TEST(VideoPackets, AKeyframeThatDoesNotStartAloneIsNotClean)
{
    Packet recovery = picture(80 * ms, true);
    recovery.starts_alone = false;
    Dropped dropped;
    auto video = video_packets({picture(0, true), picture(40 * ms, false), recovery}, dropped);
    EXPECT_EQ(video.keyframes, (std::vector<std::uint32_t>{0, 2}));
    EXPECT_EQ(video.clean_keyframes, std::vector<std::uint32_t>{0});
}

TEST(VideoPackets, ThatNobodyCanDecodeAtTheBeginningAreLeftOut)
{
    std::vector<Packet> packets{picture(40 * ms, false), picture(160 * ms, true), picture(80 * ms, false),
                                picture(120 * ms, false), picture(200 * ms, false)};
    packets[1].entry = true;
    Dropped dropped;
    EXPECT_EQ(video_packets(packets, dropped).pts_ns, (std::vector<std::int64_t>{160 * ms, 200 * ms}));
    EXPECT_EQ(dropped.undecodable, 3U);
    packets[3].leads_decodably = true;
    EXPECT_EQ(video_packets(packets, dropped).pts_ns,
              (std::vector<std::int64_t>{120 * ms, 160 * ms, 200 * ms}));
    packets[1].closed_group = true;
    EXPECT_EQ(video_packets(packets, dropped).pts_ns,
              (std::vector<std::int64_t>{80 * ms, 120 * ms, 160 * ms, 200 * ms}));
}

TEST(VideoPackets, WithTheSameTimeAreCountedAndLeftOut)
{
    Dropped dropped;
    auto video = video_packets({picture(0, true), picture(40 * ms, false), picture(40 * ms, false)}, dropped);
    EXPECT_EQ(video.pts_ns.size(), 2U);
    EXPECT_EQ(dropped.duplicate_time, 1U);
}

TEST(VideoPackets, WithoutDurationEndAfterTheUsualDistance)
{
    std::vector<Packet> packets{picture(0, true), picture(40 * ms, false), picture(80 * ms, false)};
    for (Packet &packet : packets)
        packet.duration_ns = no_time;
    Dropped dropped;
    EXPECT_EQ(video_packets(packets, dropped).end_ns, 120 * ms);
}

TEST(VideoPackets, WithDecodingTimesOnlyUseThose)
{
    std::vector<Packet> packets{picture(no_time, true), picture(no_time, false)};
    packets[0].dts_ns = 0;
    packets[1].dts_ns = 40 * ms;
    Dropped dropped;
    EXPECT_EQ(video_packets(packets, dropped).pts_ns, (std::vector<std::int64_t>{0, 40 * ms}));
}

TEST(VideoPackets, OfNothingIsNothing)
{
    Dropped dropped;
    auto video = video_packets({}, dropped);
    EXPECT_TRUE(video.pts_ns.empty());
    EXPECT_EQ(video.end_ns, 0);
}

TEST(AudioPackets, RoundedToMillisecondsArePutOnTheirExactTimes)
{
    std::vector<Packet> packets;
    for (int i = 0; i < 100; i++)
        packets.push_back(sound((i * 1024LL * 1000 / 48000) * ms, 21 * ms));
    Dropped dropped;
    auto audio = audio_packets(packets, {48000, 2 * ms, 1024, false}, dropped);
    EXPECT_TRUE(audio.contiguous);
    EXPECT_EQ(audio.frame_samples, 1024U);
    EXPECT_EQ(audio.pts_ns[3] - audio.pts_ns[0], 64 * ms);
    EXPECT_EQ(audio.end_ns - audio.pts_ns[0], 100LL * 1024 * 1'000'000'000 / 48000);
}

TEST(AudioPackets, WithAHoleAreNotContiguousAndKeepTheirTimes)
{
    std::vector<Packet> packets{sound(0, 20 * ms), sound(20 * ms, 20 * ms), sound(80 * ms, 20 * ms),
                                sound(100 * ms, 20 * ms)};
    Dropped dropped;
    auto audio = audio_packets(packets, {48000, 0, 960, false}, dropped);
    EXPECT_FALSE(audio.contiguous);
    EXPECT_EQ(audio.pts_ns[2], 80 * ms);
    EXPECT_EQ(audio.end_ns, 120 * ms);
}

TEST(AudioPackets, OfRecordingsThatOverlapNeverGoBack)
{
    std::vector<Packet> packets{sound(0, 20 * ms), sound(20 * ms, 20 * ms), sound(40 * ms, 20 * ms),
                                sound(35 * ms, 20 * ms), sound(55 * ms, 20 * ms)};
    Dropped dropped;
    auto audio = audio_packets(packets, {48000, 0, 960, false}, dropped);
    EXPECT_FALSE(audio.contiguous);
    EXPECT_EQ(audio.pts_ns, (std::vector<std::int64_t>{0, 20 * ms, 40 * ms, 40 * ms, 55 * ms}));
    EXPECT_EQ(audio.end_ns, 75 * ms);
}

TEST(AudioPackets, AFirstPacketClampedToZeroGetsItsTimeBack)
{
    std::vector<Packet> packets{sound(0, 20 * ms), sound(13'500'000, 20 * ms), sound(33'500'000, 20 * ms)};
    Dropped dropped;
    auto audio = audio_packets(packets, {48000, 0, 960, false}, dropped);
    EXPECT_EQ(audio.pts_ns[0], -6'500'000);
    EXPECT_TRUE(audio.contiguous);
}

TEST(AudioPackets, WithoutDurationsKeepTheirTimes)
{
    // Vorbis in WebM, first 0 as if it were clamped: how long it lasts nobody says.
    std::vector<Packet> packets{sound(0, no_time), sound(46 * ms, no_time), sound(60 * ms, no_time)};
    Dropped dropped;
    auto audio = audio_packets(packets, {48000, 2 * ms, 0, false}, dropped);
    EXPECT_EQ(audio.pts_ns[0], 0);
    EXPECT_EQ(audio.pts_ns[1], 46 * ms);
}

TEST(AudioPackets, CutAsTheyAreReadHaveNoLengthOfTheirOwn)
{
    std::vector<Packet> packets{sound(0, 20 * ms), sound(20 * ms, 20 * ms), sound(40 * ms, 20 * ms)};
    Dropped dropped;
    auto read = audio_packets(packets, {48000, 0, 0, false, true}, dropped);
    EXPECT_EQ(read.frame_samples, 0U);
    EXPECT_TRUE(read.contiguous);
    // Matroska's blocks stay as they are, and its times want their help.
    EXPECT_EQ(audio_packets(packets, {48000, 2 * ms, 0, false, true}, dropped).frame_samples, 960U);
}

TEST(AudioPackets, OfDifferentLengthsAreCountedWhereTimesAreRounded)
{
    std::vector<Packet> packets;
    std::int64_t samples = 0;
    std::int64_t last = 0;
    for (int i = 0; i < 100; i++) {
        last = i % 7 == 0 ? 128 : 1024;
        packets.push_back(sound(samples * 1000 / 44100 * ms + 3 * ms, last * 1'000'000'000 / 44100));
        samples += last;
    }
    Dropped dropped;
    auto audio = audio_packets(packets, {44100, 2 * ms, 0, false}, dropped);
    EXPECT_TRUE(audio.contiguous);
    EXPECT_EQ(audio.frame_samples, 0U);
    EXPECT_EQ(audio.pts_ns[1] - audio.pts_ns[0], 128LL * 1'000'000'000 / 44100);
    EXPECT_NEAR(static_cast<double>(audio.end_ns - audio.pts_ns[0]),
                static_cast<double>(samples) * 1e9 / 44100, 2);
}

TEST(AudioPackets, OfVorbisMayBeToldByWhenTheyEnd)
{
    for (bool at_end : {false, true}) {
        // The first one gives nothing; long and short ones take turns.
        std::vector<Packet> packets{sound(0, 0)};
        std::int64_t samples = 0;
        for (int i = 0; i < 100; i++) {
            std::int64_t length = i % 9 < 5 ? 1024 : i % 9 < 7 ? 576 : 128;
            std::int64_t told = at_end ? samples + length : samples + 128;
            packets.push_back(sound((told * 1000 + 22050) / 44100 * ms, length * 1'000'000'000 / 44100));
            samples += length;
        }
        Dropped dropped;
        auto audio = audio_packets(packets, {44100, 2 * ms, 0, false, false, true}, dropped);
        EXPECT_TRUE(audio.contiguous);
        EXPECT_EQ(audio.told_at_end, at_end);
        EXPECT_NEAR(static_cast<double>(audio.pts_ns[1]), at_end ? 0 : 128e9 / 44100, 5e5);
        EXPECT_NEAR(static_cast<double>(audio.end_ns - audio.pts_ns[1]),
                    static_cast<double>(samples) * 1e9 / 44100, 2);
    }
}

TEST(AudioPackets, WhatTheCodecDoesNotLetHearIsExact)
{
    // Opus in Matroska: 6.5 ms of pre-skip, times in whole milliseconds, 53 samples of padding at the end.
    std::vector<Packet> packets{sound(0, 20 * ms), sound(14'500'000, 20 * ms), sound(34'500'000, 20 * ms)};
    packets.front().unheard_first = 312;
    packets.back().unheard_last = 53;
    Dropped dropped;
    auto audio = audio_packets(packets, {48000, 2 * ms, 960, false}, dropped);
    EXPECT_EQ(audio.pts_ns[0], -6'500'000);
    EXPECT_NEAR(static_cast<double>(audio.end_ns), 3 * 20e6 - 6.5e6 - 53e9 / 48000, 1);
}

TEST(AudioPackets, EndWhereTheEditEnds)
{
    std::vector<Packet> packets{sound(0, 20 * ms), sound(20 * ms, 20 * ms), sound(40 * ms, 20 * ms)};
    for (Packet &packet : packets)
        packet.shown_until_ns = 50 * ms;
    Dropped dropped;
    EXPECT_EQ(audio_packets(packets, {48000, 0, 960, false}, dropped).end_ns, 50 * ms);
}

} // namespace butaca::origin
