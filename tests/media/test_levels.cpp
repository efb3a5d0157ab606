// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/media/levels.h"

using namespace butaca;
using media::level_for;
using media::level_number;

constexpr media::Rational film_rate{24, 1};
constexpr media::Rational fast_rate{60, 1};

TEST(Levels, GrowWithSizeRateAndBitrate)
{
    for (const char *codec : {"h264", "hevc", "av1"}) {
        const auto level = [&](media::Size size, media::Rational rate, std::uint64_t bps) {
            return level_number(codec, level_for(codec, size, rate, bps));
        };
        EXPECT_LT(level({640, 360}, film_rate, 1'000'000), level({1920, 1080}, film_rate, 1'000'000))
            << codec;
        EXPECT_LT(level({1920, 1080}, film_rate, 1'000'000), level({1920, 1080}, fast_rate, 1'000'000))
            << codec;
        EXPECT_LT(level({640, 360}, film_rate, 1'000'000), level({640, 360}, film_rate, 18'000'000)) << codec;
    }
}

TEST(Levels, AreThoseThatPlayersKnow)
{
    EXPECT_EQ(level_for("h264", {1920, 1080}, film_rate, 8'000'000), "4");
    EXPECT_EQ(level_for("hevc", {1920, 1080}, film_rate, 8'000'000), "4");
    EXPECT_EQ(level_for("vp9", {1920, 1080}, film_rate, 8'000'000), "4");
    EXPECT_EQ(level_for("av1", {1920, 1080}, film_rate, 8'000'000), "4.0");
    EXPECT_EQ(level_for("av1", {3840, 2160}, fast_rate, 20'000'000), "5.1");
}

TEST(Levels, HoldThePicturesOfHighSpeedCameras)
{
    constexpr media::Rational slow_motion{240, 1};
    EXPECT_EQ(level_for("h264", {1280, 720}, slow_motion, 8'000'000), "5.1");
    EXPECT_EQ(level_for("h264", {1920, 1080}, {600, 1}, 8'000'000), "6.1");
}

TEST(Levels, HaveANumberOfTheirOwnInEachCodec)
{
    EXPECT_EQ(level_number("h264", "3.1"), 31U);
    EXPECT_EQ(level_number("hevc", "3.1"), 93U);
    EXPECT_EQ(level_number("vp9", "3.1"), 31U);
    EXPECT_EQ(level_number("av1", "3.1"), 5U);
    EXPECT_EQ(level_number("av1", "2.0"), 0U);
}
