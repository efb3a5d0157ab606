// SPDX-License-Identifier: LGPL-2.1-or-later
#include <random>

#include <gtest/gtest.h>

#include "src/media/index.h"

using namespace butaca;
using namespace butaca::media;

namespace {

PacketIndex two_hours()
{
    PacketIndex index;
    auto &video = index.video.emplace_back();
    for (std::int64_t i = 0; i < 172800; i++) {
        video.pts_ns.push_back((i * 1'000'000'000 + 12) / 24);
        video.size_bytes.push_back(static_cast<std::uint32_t>(2000 + i * 7919 % 9000));
        if (i % 250 == 0) {
            video.keyframes.push_back(static_cast<std::uint32_t>(i));
            video.clean_keyframes.push_back(static_cast<std::uint32_t>(i));
        }
    }
    video.end_ns = 7200LL * 1'000'000'000;
    auto &audio = index.audio.emplace_back();
    audio.frame_samples = 1024;
    audio.contiguous = true;
    audio.told_at_end = true;
    for (std::int64_t i = -2; i < 1000; i++) {
        audio.pts_ns.push_back(i * 1024 * 1'000'000'000 / 48000);
        audio.size_bytes.push_back(300);
    }
    audio.end_ns = 1000LL * 1024 * 1'000'000'000 / 48000;
    return index;
}

} // namespace

TEST(PacketIndex, ComesBackAsItWasWritten)
{
    PacketIndex index = two_hours();
    auto back = PacketIndex::parse(index.serialize());
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(back->video.size(), 1U);
    EXPECT_EQ(back->video[0].pts_ns, index.video[0].pts_ns);
    EXPECT_EQ(back->video[0].size_bytes, index.video[0].size_bytes);
    EXPECT_EQ(back->video[0].clean_keyframes, index.video[0].clean_keyframes);
    EXPECT_EQ(back->video[0].end_ns, index.video[0].end_ns);
    EXPECT_EQ(back->audio[0].pts_ns, index.audio[0].pts_ns);
    EXPECT_EQ(back->audio[0].frame_samples, 1024U);
    EXPECT_TRUE(back->audio[0].contiguous);
    EXPECT_TRUE(back->audio[0].told_at_end);
}

TEST(PacketIndex, OfATwoHourFilmIsSmall) { EXPECT_LT(two_hours().serialize().size(), 172800U * 4 + 10000); }

TEST(PacketIndex, IsRefusedWhenAnyByteOfItChanged)
{
    PacketIndex index = two_hours();
    index.video[0].pts_ns.resize(20);
    index.video[0].size_bytes.resize(20);
    index.video[0].keyframes = index.video[0].clean_keyframes = {0};
    std::string bytes = index.serialize();
    ASSERT_TRUE(PacketIndex::parse(bytes));
    for (std::size_t i = 0; i < bytes.size(); i++) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 0x41);
        EXPECT_FALSE(PacketIndex::parse(changed)) << i;
        EXPECT_FALSE(PacketIndex::parse(bytes.substr(0, i)));
    }
}

TEST(PacketIndex, IsRefusedWhenTimesDoNotAscend)
{
    PacketIndex index;
    auto &video = index.video.emplace_back();
    video.pts_ns = {0, 40, 40};
    video.size_bytes = {1, 1, 1};
    video.end_ns = 80;
    EXPECT_FALSE(PacketIndex::parse(index.serialize()));
}

TEST(PacketIndex, SurvivesRandomBytes)
{
    std::mt19937 random(7);
    for (int round = 0; round < 2000; round++) {
        std::string bytes(random() % 200, '\0');
        for (char &byte : bytes)
            byte = static_cast<char>(random());
        EXPECT_FALSE(PacketIndex::parse(bytes));
    }
}
