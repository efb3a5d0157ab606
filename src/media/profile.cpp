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
    static constexpr std::array<unsigned, 5> vp9 = {48, 43, 38, 31, 25};
    if (codec == "vp9")
        return vp9[static_cast<std::size_t>(quality)];
    // libaom as well, on a scale of its own.
    static constexpr std::array<unsigned, 5> av1 = {46, 40, 34, 27, 21};
    if (codec == "av1")
        return av1[static_cast<std::size_t>(quality)];
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
    if (codec == "hevc" || codec == "vp9" || codec == "av1")
        bits *= 0.65;
    return static_cast<std::uint64_t>(std::max(bits, 150e3) / 1000) * 1000;
}

std::uint64_t keyframe_cap_bits(Size size)
{
    // 346 kbit for 640x360: more than any film was seen to take at `medium`, noise takes it all.
    constexpr double bits_per_pixel = 1.5;
    constexpr double least_bits = 50e3;
    return static_cast<std::uint64_t>(std::max(bits_per_pixel * size.width * size.height, least_bits));
}

} // namespace butaca::media
