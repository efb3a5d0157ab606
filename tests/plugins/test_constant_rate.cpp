// SPDX-License-Identifier: LGPL-2.1-or-later
// audiocompress where every packet has one size.
#include <gtest/gtest.h>

#include "tests/plugins/run_launch.h"

using namespace test_support;

namespace {

// Noise, then a second of nothing at all: rates that are not constant fall there.
Made encode(const std::string &properties)
{
    return run_launch("audiotestsrc wave=white-noise num-buffers=47 samplesperbuffer=1024 ! "
                      "audio/x-raw,format=F32LE,rate=48000,channels=2 ! concat name=all ! audiocompress " +
                      properties +
                      " name=c audiotestsrc wave=silence num-buffers=47 ! "
                      "audio/x-raw,format=F32LE,rate=48000,channels=2 ! all. c.");
}

} // namespace

TEST(ConstantRate, GivesPacketsOfOneSize)
{
    struct Case {
        const char *properties;
        std::size_t bytes;
    };
    for (const Case &c :
         {Case{"codec=opus constant-rate=true bitrate-bps=64000", 160},
          Case{"codec=opus constant-rate=true bitrate-bps=320000", 800},
          Case{"codec=opus constant-rate=true bitrate-bps=32000", 80},
          Case{"codec=mp3 bitrate-bps=128000", 384}, Case{"codec=mp3 bitrate-bps=320000", 960},
          Case{"codec=mp3 bitrate-bps=32000", 96}}) {
        const Made made = encode(c.properties);
        ASSERT_GT(made.packets.size(), 70U) << c.properties << made.error;
        for (const auto &packet : made.packets)
            ASSERT_EQ(packet.bytes.size(), c.bytes) << c.properties;
    }
}

TEST(ConstantRate, MakesMp3FramesThatNeedNoOther)
{
    const Made made = encode("codec=mp3 bitrate-bps=96000");
    ASSERT_GT(made.packets.size(), 70U) << made.error;
    for (const auto &packet : made.packets) {
        // main_data_begin: the nine bits behind the header (ISO/IEC 11172-3, 2.4.1.7).
        EXPECT_EQ(static_cast<unsigned char>(packet.bytes[4]), 0);
        EXPECT_EQ(static_cast<unsigned char>(packet.bytes[5]) & 0x80, 0);
    }
}
