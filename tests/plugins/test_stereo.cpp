// SPDX-License-Identifier: LGPL-2.1-or-later
// audiocompress leaves sound in the channel that it stands in.
#include <cstring>

#include <gtest/gtest.h>

#include "tests/plugins/run_launch.h"

using namespace test_support;

TEST(Stereo, StaysInItsChannel)
{
    for (const char *codec : {"codec=aac ! avdec_aac", "codec=opus bitrate-bps=128000 ! opusdec",
                              "codec=mp3 bitrate-bps=192000 ! mpegaudioparse ! avdec_mp3float"}) {
        // The right channel has nothing.
        const Made made =
            run_launch("audiotestsrc wave=pink-noise num-buffers=47 samplesperbuffer=1024 ! "
                       "audio/x-raw,rate=48000,channels=1 ! audioconvert "
                       "mix-matrix=\"<<(float)1>,<(float)0>>\" ! audio/x-raw,format=F32LE,channels=2,"
                       "channel-mask=(bitmask)0x3 ! audiocompress " +
                       std::string(codec) +
                       " ! audioconvert ! audio/x-raw,format=F32LE,"
                       "layout=interleaved ! identity");
        const std::string bytes = made.bytes();
        ASSERT_GT(bytes.size(), 40000U * 8) << codec << made.error;
        double left = 0;
        double right = 0;
        for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
            float pair[2];
            std::memcpy(pair, bytes.data() + at, sizeof pair);
            left += pair[0] * pair[0];
            right += pair[1] * pair[1];
        }
        EXPECT_LT(right, left / 1000) << codec;
    }
}
