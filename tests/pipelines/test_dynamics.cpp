// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "pipelines/dynamics.h"

using namespace butaca::pipelines;

namespace {

constexpr std::int64_t rate = 48000;

// Stereo: whispers for four seconds, then an explosion, then whispers again.
std::vector<float> scene()
{
    std::mt19937 random(7);
    std::vector<float> samples(static_cast<std::size_t>(10 * rate) * 2);
    for (std::size_t i = 0; i < samples.size(); i++) {
        const auto second = static_cast<std::int64_t>(i / 2) / rate;
        const double level = second == 4 || second == 5 ? 1.0 : 0.01;
        samples[i] = static_cast<float>(level * (static_cast<double>(random() % 2001) / 1000 - 1));
    }
    return samples;
}

double level_db(const std::vector<float> &samples, double from_s, double to_s)
{
    const auto begin = static_cast<std::size_t>(from_s * rate) * 2;
    const auto end = static_cast<std::size_t>(to_s * rate) * 2;
    double sum = 0;
    for (std::size_t i = begin; i < end; i++)
        sum += samples[i] * samples[i];
    return 10 * std::log10(sum / static_cast<double>(end - begin));
}

} // namespace

TEST(Dynamics, BringTheQuietNearerToTheLoud)
{
    auto samples = scene();
    const double before = level_db(samples, 4.5, 5.5) - level_db(samples, 1, 3);
    night_mode(samples, 2, 0, rate);
    const double after = level_db(samples, 4.5, 5.5) - level_db(samples, 1, 3);
    EXPECT_GT(before, 39);
    EXPECT_LT(after, before - 15);
    EXPECT_GT(level_db(samples, 1, 3), -37) << "whispers are louder than before";
    EXPECT_LT(level_db(samples, 4.5, 5.5), -10) << "the explosion is not";
}

TEST(Dynamics, LeavePeaksBelowFullScale)
{
    auto samples = scene();
    for (std::size_t i = 0; i < samples.size(); i += 30011)
        samples[i] = 1.5F; // clicks in the whispers
    night_mode(samples, 2, 0, rate);
    EXPECT_LT(std::abs(*std::max_element(samples.begin(), samples.end())), 1.0F);
}

TEST(Dynamics, GiveASampleTheSameInWhateverPieceItComes)
{
    const auto all = scene();
    auto whole = all;
    night_mode(whole, 2, 0, rate);
    for (const std::int64_t first :
         {std::int64_t{12345}, std::int64_t{3 * rate + 7}, std::int64_t{5 * rate}}) {
        const std::int64_t count = 3 * rate + 31;
        std::vector<float> piece(all.begin() + first * 2, all.begin() + (first + count) * 2);
        night_mode(piece, 2, first, rate);
        for (std::int64_t i = night_reach(rate) * 2; i < (count - night_reach(rate)) * 2; i++)
            ASSERT_EQ(piece[static_cast<std::size_t>(i)], whole[static_cast<std::size_t>(first * 2 + i)])
                << i;
    }
}

TEST(Dynamics, AreCountedFromBeforeTheBeginningToo)
{
    auto samples = scene();
    auto later = samples;
    night_mode(samples, 2, -rate, rate);
    night_mode(later, 2, 0, rate);
    EXPECT_EQ(samples, later) << "whole blocks earlier or later make no difference";
}

TEST(Dynamics, AmplifyByThousandthsOfADecibel)
{
    std::vector<float> samples = {0.1F, -0.2F};
    amplify(samples, 6021);
    EXPECT_NEAR(samples[0], 0.2F, 1e-4);
    EXPECT_NEAR(samples[1], -0.4F, 1e-4);
    amplify(samples, -6021);
    EXPECT_NEAR(samples[0], 0.1F, 1e-6);
}
