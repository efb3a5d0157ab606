// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/profile.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace butaca::media {

namespace {

constexpr std::array<unsigned, 7> usual_heights = {2160, 1440, 1080, 720, 480, 360, 240};

unsigned even(double value) { return std::max(2U, static_cast<unsigned>(std::lround(value / 2)) * 2); }

double rate_of(Rational frame_rate)
{
    // An unknown or variable rate is judged as 30: the cap only has to be generous, not exact.
    double rate =
        frame_rate.num > 0 ? static_cast<double>(frame_rate.num) / static_cast<double>(frame_rate.den) : 30.0;
    return std::clamp(rate, 1.0, 120.0);
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
constexpr std::array<Level, 16> levels = {{{"1.1", 3000, 396, 192},
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
                                           {"6", 4177920, 139264, 240000}}};

} // namespace

std::optional<Quality> quality_from(std::string_view word)
{
    for (Quality quality : {Quality::low, Quality::medium, Quality::high, Quality::best, Quality::original})
        if (word == to_string(quality))
            return quality;
    return std::nullopt;
}

const char *to_string(Quality quality)
{
    switch (quality) {
    case Quality::low:
        return "low";
    case Quality::medium:
        return "medium";
    case Quality::high:
        return "high";
    case Quality::best:
        return "best";
    case Quality::original:
        return "original";
    }
    return "high";
}

Size display_size(const VideoTrack &track)
{
    double width = track.width;
    double height = track.height;
    double aspect = static_cast<double>(track.pixel_aspect.num) / static_cast<double>(track.pixel_aspect.den);
    // Pixels are stretched, never squeezed: no line of the original is thrown away.
    if (aspect >= 1)
        width *= aspect;
    else
        height /= aspect;
    if (track.rotation == 90 || track.rotation == 270)
        std::swap(width, height);
    return {even(width), even(height)};
}

std::vector<Size> ladder(const VideoTrack &track, unsigned max_height)
{
    Size source = display_size(track);
    std::vector<Size> sizes;
    double aspect = static_cast<double>(source.width) / source.height;
    if (max_height == 0 || source.height <= max_height)
        sizes.push_back(source);
    // A portrait film's short side is its width; the usual steps are steps of detail, so they are measured on
    // the short side.
    bool portrait = source.height > source.width;
    unsigned short_side = std::min(source.width, source.height);
    for (unsigned step : usual_heights) {
        bool clearly_smaller = step * 10 <= short_side * 9;
        double height = portrait ? step / aspect : step;
        Size size{even(height * aspect), even(height)};
        if (clearly_smaller && (max_height == 0 || size.height <= max_height))
            sizes.push_back(size);
    }
    if (sizes.empty()) {
        // Below the smallest usual step, or a wish smaller than that: exactly what was asked.
        double height = std::min(source.height, std::max(2U, max_height));
        sizes.push_back({even(height * aspect), even(height)});
    }
    // A wish between two steps is a step of its own.
    else if (max_height > 0 && sizes.front().height < max_height && max_height < source.height)
        sizes.insert(sizes.begin(), {even(max_height * aspect), max_height & ~1U});
    return sizes;
}

unsigned constant_quality(Quality quality, const std::string &codec)
{
    static constexpr std::array<unsigned, 5> h264 = {29, 26, 23, 19, 17};
    // libvpx counts to 63.
    static constexpr std::array<unsigned, 5> vp9 = {44, 38, 33, 26, 20};
    if (codec == "vp9")
        return vp9[static_cast<std::size_t>(quality)];
    unsigned value = h264[static_cast<std::size_t>(quality)];
    // HEVC's scale gives about the same look five steps higher.
    return codec == "hevc" ? value + 5 : value;
}

std::uint64_t bitrate_cap_bps(Size size, Rational frame_rate, Quality quality, const std::string &codec)
{
    static constexpr std::array<double, 5> factor = {0.45, 0.7, 1.0, 1.8, 2.4};
    // Bits grow slower than pixels and slower than frames. 720p at 30 frames in `high` is capped at 5 Mbit/s.
    double pixels = static_cast<double>(size.width) * size.height / (1280.0 * 720.0);
    double bits = 5e6 * std::pow(pixels, 0.8) * std::pow(rate_of(frame_rate) / 30.0, 0.6);
    bits *= factor[static_cast<std::size_t>(quality)];
    if (codec == "hevc" || codec == "vp9")
        bits *= 0.65;
    return static_cast<std::uint64_t>(std::max(bits, 150e3) / 1000) * 1000;
}

std::string h264_level(Size size, Rational frame_rate, std::uint64_t bitrate_bps)
{
    double blocks = std::ceil(size.width / 16.0) * std::ceil(size.height / 16.0);
    for (const Level &level : levels)
        if (blocks <= level.blocks_per_frame && blocks * rate_of(frame_rate) <= level.blocks_per_second &&
            static_cast<double>(bitrate_bps) <= level.kilobits * 1250)
            return level.name;
    return "5.2";
}

std::string level_for(const std::string &codec, Size size, Rational frame_rate, std::uint64_t bitrate_bps)
{
    if (codec == "h264")
        return h264_level(size, frame_rate, bitrate_bps);
    double samples = static_cast<double>(size.width) * size.height;
    if (codec == "vp9") {
        for (const SizeLevel &level : vp9_levels)
            if (samples <= level.samples)
                return level.name;
        return "6.2";
    }
    for (const Level &level : hevc_levels)
        if (samples <= level.blocks_per_frame && samples * rate_of(frame_rate) <= level.blocks_per_second &&
            static_cast<double>(bitrate_bps) <= level.kilobits * 1000)
            return level.name;
    return "6";
}

std::uint64_t audio_bitrate_bps(Quality quality, const std::string &codec, unsigned channels)
{
    static constexpr std::array<std::uint64_t, 5> stereo_bps = {64000, 96000, 128000, 192000, 256000};
    std::uint64_t bps = stereo_bps[static_cast<std::size_t>(quality)];
    // Opus needs a quarter less for the same; a single channel a bit more than half.
    if (codec == "opus")
        bps = bps * 3 / 4;
    return channels == 1 ? bps * 5 / 8 : bps;
}

unsigned audio_rate(const std::string &codec, unsigned source_rate)
{
    // ISO 14496-3, Table 1.18: what AAC can say; lower ones are rare enough in players to avoid. Opus is
    // always 48 kHz.
    static constexpr std::array<unsigned, 5> aac_rates = {22050, 24000, 32000, 44100, 48000};
    // What flacenc takes, so that nothing is lost.
    static constexpr std::array<unsigned, 9> flac_rates = {16000, 22050, 24000, 32000, 44100,
                                                           48000, 88200, 96000, 192000};
    if (codec == "opus")
        return 48000;
    if (codec == "flac" && std::find(flac_rates.begin(), flac_rates.end(), source_rate) != flac_rates.end())
        return source_rate;
    if (std::find(aac_rates.begin(), aac_rates.end(), source_rate) != aac_rates.end())
        return source_rate;
    return source_rate % 11025 == 0 ? 44100 : 48000;
}

} // namespace butaca::media
