// SPDX-License-Identifier: LGPL-2.1-or-later
// Blocks of 10 ms lie at fixed places of the whole recording; each has a level and a gain, and samples take
// the gain on the line between the middles of two blocks. All windows are finite, so nothing beyond
// night_reach() has a say.
#include "pipelines/dynamics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace butaca::pipelines {

namespace {

constexpr std::int64_t blocks_per_second = 100;
// How far to each side, in blocks: the level of a passage, that of a sudden noise, the softness of changes.
constexpr std::ptrdiff_t passage = 40;
constexpr std::ptrdiff_t burst = 4;
constexpr std::ptrdiff_t softness = 12;

constexpr double centre_db = -24;
constexpr double floor_db = -50;   // quieter: background
constexpr double silence_db = -70; // nothing at all
constexpr double most_lift_db = 12;
constexpr double full_scale = 0.98;

struct Blocks {
    std::vector<double> power; // mean square, all channels together
    std::vector<double> peak;
};

double decibels(double power) { return 10 * std::log10(power + 1e-12); }
double factor(double decibels) { return std::pow(10, decibels / 20); }

// The gain for a passage of this level.
double curve_db(double level_db)
{
    if (level_db >= centre_db)
        return (centre_db - level_db) * 2 / 3;
    const double lift = std::min(most_lift_db, (centre_db - level_db) / 2);
    if (level_db >= floor_db)
        return lift;
    return lift * std::max(0.0, (level_db - silence_db) / (floor_db - silence_db));
}

// Each value replaced by `combine` of those at most `reach` away. Sums are taken anew each time: a running
// sum would depend on where it began.
template <typename Combine>
std::vector<double> around(const std::vector<double> &values, std::ptrdiff_t reach, Combine combine)
{
    std::vector<double> result(values.size());
    const auto count = static_cast<std::ptrdiff_t>(values.size());
    for (std::ptrdiff_t i = 0; i < count; i++)
        result[static_cast<std::size_t>(i)] = combine(values.begin() + std::max<std::ptrdiff_t>(0, i - reach),
                                                      values.begin() + std::min(count, i + reach + 1));
    return result;
}

template <typename Iterator> double mean(Iterator begin, Iterator end)
{
    double sum = 0;
    for (auto at = begin; at != end; ++at)
        sum += *at;
    return sum / static_cast<double>(end - begin);
}

std::vector<double> gains(const Blocks &blocks)
{
    const auto average = [](auto begin, auto end) { return mean(begin, end); };
    const auto least = [](auto begin, auto end) { return *std::min_element(begin, end); };
    const auto slow = around(blocks.power, passage, average);
    const auto fast = around(blocks.power, burst, average);
    std::vector<double> wanted(slow.size());
    for (std::size_t i = 0; i < wanted.size(); i++)
        wanted[i] = factor(curve_db(decibels(std::max(slow[i], fast[i]))));
    wanted = around(wanted, softness, average);
    // A mean of least values over as wide a window is nowhere above what the block in its middle may have.
    std::vector<double> allowed(wanted.size());
    for (std::size_t i = 0; i < allowed.size(); i++)
        allowed[i] = std::min(wanted[i], full_scale / std::max(1e-9, blocks.peak[i]));
    return around(around(allowed, softness, least), softness - 1, average);
}

std::int64_t block_of(std::int64_t sample, std::int64_t length)
{
    return sample >= 0 ? sample / length : -((-sample + length - 1) / length);
}

} // namespace

void amplify(std::span<float> samples, std::int32_t gain_mdb)
{
    if (gain_mdb == 0)
        return;
    const auto gain = static_cast<float>(factor(gain_mdb / 1000.0));
    for (float &sample : samples)
        sample *= gain;
}

void night_mode(std::span<float> samples, unsigned channels, std::int64_t first, std::int64_t rate)
{
    const auto frames = static_cast<std::int64_t>(samples.size() / channels);
    if (frames == 0)
        return;
    const std::int64_t length = std::max<std::int64_t>(1, rate / blocks_per_second);
    const std::int64_t first_block = block_of(first, length);
    const auto count = static_cast<std::size_t>(block_of(first + frames - 1, length) - first_block + 1);
    Blocks blocks{std::vector<double>(count), std::vector<double>(count)};
    for (std::int64_t i = 0; i < frames; i++) {
        const auto block = static_cast<std::size_t>(block_of(first + i, length) - first_block);
        for (unsigned c = 0; c < channels; c++) {
            const double value = samples[static_cast<std::size_t>(i) * channels + c];
            blocks.power[block] += value * value / static_cast<double>(length);
            blocks.peak[block] = std::max(blocks.peak[block], std::abs(value));
        }
    }
    const auto gain = gains(blocks);
    const std::int64_t half = length / 2;
    for (std::int64_t i = 0; i < frames; i++) {
        const std::int64_t from_middle = first + i - half;
        const std::int64_t block = block_of(from_middle, length);
        const double part = static_cast<double>(from_middle - block * length) / static_cast<double>(length);
        const auto at = [&](std::int64_t number) {
            return gain[static_cast<std::size_t>(
                std::clamp<std::int64_t>(number - first_block, 0, static_cast<std::int64_t>(count) - 1))];
        };
        const auto factor = static_cast<float>(at(block) + (at(block + 1) - at(block)) * part);
        for (unsigned c = 0; c < channels; c++)
            samples[static_cast<std::size_t>(i) * channels + c] *= factor;
    }
}

} // namespace butaca::pipelines
