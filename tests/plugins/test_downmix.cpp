// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>
#include <span>

#include <gtest/gtest.h>

#include "plugins/audio/downmix.h"

using namespace butaca;

TEST(Downmix, FollowsItuAndCannotClip)
{
    constexpr std::array surround = {
        GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT,   GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT,
        GST_AUDIO_CHANNEL_POSITION_FRONT_CENTER, GST_AUDIO_CHANNEL_POSITION_LFE1,
        GST_AUDIO_CHANNEL_POSITION_REAR_LEFT,    GST_AUDIO_CHANNEL_POSITION_REAR_RIGHT};
    const auto matrix = audio::downmix_matrix(surround, 2);
    ASSERT_EQ(matrix.size(), 2U);
    for (const auto &row : matrix) {
        float sum = 0;
        for (const float gain : row)
            sum += gain;
        EXPECT_LE(sum, 1.0001F);
    }
    EXPECT_NEAR(matrix[0][2] / matrix[0][0], 0.7071, 1e-4) << "centre";
    EXPECT_NEAR(matrix[0][4] / matrix[0][0], 0.7071, 1e-4) << "surround";
    EXPECT_EQ(matrix[0][3], 0) << "LFE";
    EXPECT_EQ(matrix[0][1], 0) << "the other side";
    EXPECT_TRUE(audio::downmix_matrix(std::span(surround).first(2), 1).empty());
}
