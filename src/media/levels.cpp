// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace butaca::media {

namespace {

// An unknown or variable rate is judged as 30. High ones count as they are: x264enc refuses a level that is
// too low for the rate it is told.
double rate_of(Rational frame_rate)
{
    const double rate =
        frame_rate.num > 0 ? static_cast<double>(frame_rate.num) / static_cast<double>(frame_rate.den) : 30.0;
    return std::clamp(rate, 1.0, 1000.0);
}

// ISO 14496-10, Table A-1: macroblocks per second, per frame, and kbit/s in Main; High allows 1.25 times
// that.
struct Level {
    const char *name;
    double blocks_per_second;
    double blocks_per_frame;
    double kilobits;
};

// ITU-T H.265, Tables A.8 and A.9 (Main tier), and the VP9 levels, which count in much the same way: luma
// samples a second, in a picture, and kbit/s.
constexpr std::array<Level, 11> hevc_levels = {{{"1", 552960, 36864, 128},
                                                {"2", 3686400, 122880, 1500},
                                                {"2.1", 7372800, 245760, 3000},
                                                {"3", 16588800, 552960, 6000},
                                                {"3.1", 33177600, 983040, 10000},
                                                {"4", 66846720, 2228224, 12000},
                                                {"4.1", 133693440, 2228224, 20000},
                                                {"5", 267386880, 8912896, 25000},
                                                {"5.1", 534773760, 8912896, 40000},
                                                {"5.2", 1069547520, 8912896, 60000},
                                                {"6", 1069547520, 35651584, 60000}}};
struct SizeLevel {
    const char *name;
    double samples;
};
// By the picture's luma samples alone, as segmentmux writes them into vpcC: both have to say the same.
constexpr std::array<SizeLevel, 9> vp9_levels = {{{"1", 36864},
                                                  {"1.1", 73728},
                                                  {"2", 122880},
                                                  {"2.1", 245760},
                                                  {"3", 552960},
                                                  {"3.1", 983040},
                                                  {"4", 2228224},
                                                  {"5", 8912896},
                                                  {"6", 35651584}}};
constexpr std::array<Level, 18> h264_levels = {{{"1.1", 3000, 396, 192},
                                                {"1.2", 6000, 396, 384},
                                                {"1.3", 11880, 396, 768},
                                                {"2", 11880, 396, 2000},
                                                {"2.1", 19800, 792, 4000},
                                                {"2.2", 20250, 1620, 4000},
                                                {"3", 40500, 1620, 10000},
                                                {"3.1", 108000, 3600, 14000},
                                                {"3.2", 216000, 5120, 20000},
                                                {"4", 245760, 8192, 20000},
                                                {"4.1", 245760, 8192, 50000},
                                                {"4.2", 522240, 8704, 50000},
                                                {"5", 589824, 22080, 135000},
                                                {"5.1", 983040, 36864, 240000},
                                                {"5.2", 2073600, 36864, 240000},
                                                {"6", 4177920, 139264, 240000},
                                                {"6.1", 8355840, 139264, 480000},
                                                {"6.2", 16711680, 139264, 800000}}};
// AV1 Bitstream & Decoding Process Specification, A.3 (Main tier): luma samples shown a second, in a picture,
// and kbit/s.
constexpr std::array<Level, 11> av1_levels = {{{"2.0", 4423680, 147456, 1500},
                                               {"2.1", 8363520, 278784, 3000},
                                               {"3.0", 19975680, 665856, 6000},
                                               {"3.1", 31950720, 1065024, 10000},
                                               {"4.0", 70778880, 2359296, 12000},
                                               {"4.1", 141557760, 2359296, 20000},
                                               {"5.0", 267386880, 8912896, 30000},
                                               {"5.1", 534773760, 8912896, 40000},
                                               {"5.2", 1069547520, 8912896, 60000},
                                               {"6.0", 1069547520, 35651584, 60000},
                                               {"6.1", 2139095040, 35651584, 100000}}};

template <std::size_t N>
std::string least(const std::array<Level, N> &table, double units, double rate, double kilobits)
{
    for (const Level &level : table)
        if (units <= level.blocks_per_frame && units * rate <= level.blocks_per_second &&
            kilobits <= level.kilobits)
            return level.name;
    return table.back().name;
}

} // namespace

std::string level_for(const std::string &codec, Size size, Rational frame_rate, std::uint64_t bitrate_bps)
{
    const double rate = rate_of(frame_rate);
    const double kilobits = static_cast<double>(bitrate_bps) / 1000;
    if (codec == "h264")
        return least(h264_levels, std::ceil(size.width / 16.0) * std::ceil(size.height / 16.0), rate,
                     kilobits / 1.25);
    const double samples = static_cast<double>(size.width) * size.height;
    if (codec == "hevc")
        return least(hevc_levels, samples, rate, kilobits);
    if (codec == "av1")
        return least(av1_levels, samples, rate, kilobits);
    for (const SizeLevel &level : vp9_levels)
        if (samples <= level.samples)
            return level.name;
    return "6.2";
}

unsigned level_number(std::string_view codec, const std::string &level)
{
    unsigned whole = 4;
    unsigned tenth = 0;
    std::sscanf(level.c_str(), "%u.%u", &whole, &tenth);
    if (codec == "av1")
        return whole < 2 ? 0 : (whole - 2) * 4 + tenth;
    return codec == "hevc" ? whole * 30 + tenth * 3 : whole * 10 + tenth;
}

} // namespace butaca::media
