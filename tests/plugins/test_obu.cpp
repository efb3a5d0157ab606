// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "plugins/video/obu.h"
#include "tests/plugins/run_launch.h"

using namespace butaca;
using namespace test_support;
using Bytes = std::vector<std::uint8_t>;

namespace {

// A delimiter, a sequence header at level idx 0 whose 9 last bits are 1 0101 0101 and trailing bits, a frame.
const Bytes delimiter = {0x12, 0x00};
const Bytes header = {0x0a, 0x05, 0x00, 0x00, 0x00, 0x05, 0x54};
const Bytes frame = {0x32, 0x03, 1, 2, 3};

Bytes joined(const std::vector<Bytes> &parts)
{
    Bytes all;
    for (const Bytes &part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

} // namespace

TEST(Obu, LosesTheDelimiterAndGetsALevel)
{
    const auto tidy = video::tidy_temporal_unit(joined({delimiter, header, frame}), 5);
    ASSERT_TRUE(tidy);
    EXPECT_EQ(*tidy, joined({{0x0a, 0x05, 0x00, 0x00, 0x00, 5 << 3 | 0x05, 0x54}, frame}));
}

TEST(Obu, MakesRoomForTheTierOfAHighLevelAndTakesItBack)
{
    const auto high = video::tidy_temporal_unit(joined({header, frame}), 8);
    ASSERT_TRUE(high);
    // 01000 0 then the eleven bits 101 0101 0101 00: one place further on.
    EXPECT_EQ(Bytes(high->begin(), high->begin() + 7), (Bytes{0x0a, 0x05, 0x00, 0x00, 0x00, 0x42, 0xaa}));
    const auto low = video::tidy_temporal_unit(*high, 0);
    ASSERT_TRUE(low);
    EXPECT_EQ(*low, joined({header, frame}));
}

TEST(Obu, LeavesAHeaderWithSeveralOperatingPointsAtItsLevel)
{
    const Bytes several = {0x0a, 0x05, 0x00, 0x20, 0x00, 0x05, 0x54};
    EXPECT_EQ(video::tidy_temporal_unit(several, 5), several);
}

TEST(Obu, AnswersNothingForMalformedUnits)
{
    const std::vector<Bytes> bad = {{0x8a, 0x00},             // the forbidden bit
                                    {0x08, 1, 2},             // no size
                                    {0x0a, 0x05, 0x00},       // cut off
                                    {0x0a},                   // no length
                                    {0x0e},                   // no extension
                                    {0x0a, 0xff, 0xff, 0xff}, // a length without end
                                    {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    for (const Bytes &unit : bad)
        EXPECT_FALSE(video::tidy_temporal_unit(unit, 5)) << unit.size();
    EXPECT_EQ(video::tidy_temporal_unit(Bytes{0x0a, 0x01, 0x00}, 5), (Bytes{0x0a, 0x01, 0x00}));
}

TEST(Obu, SaysTheSameLevelInTheCapsAndInTheStream)
{
    for (const char *level : {"2.1", "4.0"}) {
        const Made made = run_launch(
            "videotestsrc num-buffers=5 ! identity name=in ! video/x-raw,format=I420,width=320,height=180,"
            "framerate=24/1 ! videotranscode codec=av1 level=" +
            std::string(level));
        ASSERT_EQ(made.packets.size(), 5U) << made.error;
        const std::string record = made.codec_data();
        ASSERT_EQ(record.size(), 4U);
        EXPECT_EQ(record[1], *video::av1_level_idx(level));
        const std::string &first = made.packets[0].bytes;
        EXPECT_EQ(first[0], 0x0a) << "the sequence header comes first";
        EXPECT_EQ(static_cast<std::uint8_t>(first[5]) >> 3, *video::av1_level_idx(level));
    }
}
