// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/bandwidth.h"

#include <algorithm>
#include <cmath>

namespace butaca::playback {

namespace {

// What segmentmux spends beside the frames themselves: boxes per segment, a run entry per sample.
constexpr double boxes_bytes = 200;
constexpr double entry_bytes = 14;

struct Totals {
    double bits = 0;
    double seconds = 0;
    double peak_bps = 0;

    void add(double bytes, double duration_s)
    {
        bits += bytes * 8;
        seconds += duration_s;
        if (duration_s > 0)
            peak_bps = std::max(peak_bps, bytes * 8 / duration_s);
    }
    Bandwidth result(bool measured) const
    {
        if (seconds <= 0)
            return {};
        return {static_cast<std::uint64_t>(std::ceil(bits / seconds)),
                static_cast<std::uint64_t>(std::ceil(peak_bps)), measured};
    }
};

// The largest bit rate of any run of segments that lasts half to one and a half times the target; 0 where
// none does.
double peak_of_runs(const std::vector<double> &sizes_bytes, const std::vector<double> &durations_s,
                    double target_s)
{
    // Durations are sums of ticks: a hair's breadth must not shut a run out.
    constexpr double noise_s = 1e-6;
    double peak_bps = 0;
    for (std::size_t first = 0; first < durations_s.size(); first++) {
        double bytes = 0;
        double length_s = 0;
        for (std::size_t k = first; k < durations_s.size(); k++) {
            bytes += sizes_bytes[k];
            length_s += durations_s[k];
            if (length_s > 1.5 * target_s + noise_s)
                break;
            if (length_s >= 0.5 * target_s - noise_s)
                peak_bps = std::max(peak_bps, bytes * 8 / length_s);
        }
    }
    return peak_bps;
}

} // namespace

std::vector<std::uint32_t> copied_sizes(const media::VideoPackets &packets,
                                        const media::VideoTimeline &timeline)
{
    std::vector<std::uint32_t> sizes_bytes;
    for (std::size_t k = 0; k + 1 < timeline.copy_borders.size(); k++) {
        double bytes = boxes_bytes;
        for (std::uint32_t frame = timeline.copy_borders[k]; frame < timeline.copy_borders[k + 1]; frame++)
            bytes += packets.size_bytes[frame] + entry_bytes;
        sizes_bytes.push_back(static_cast<std::uint32_t>(bytes));
    }
    return sizes_bytes;
}

std::vector<std::uint32_t> copied_sizes(const media::AudioPackets &packets, const media::AudioCopy &copy)
{
    std::vector<std::uint32_t> sizes_bytes;
    const auto &grid = copy.timeline;
    for (std::size_t k = 0; k < grid.segments(); k++) {
        double bytes = boxes_bytes;
        for (std::uint32_t frame = grid.borders[k]; frame < grid.borders[k + 1]; frame++)
            bytes += packets.size_bytes[copy.first_packet + frame] + entry_bytes / 2;
        sizes_bytes.push_back(static_cast<std::uint32_t>(bytes));
    }
    return sizes_bytes;
}

Bandwidth copied_bandwidth(const std::vector<std::uint32_t> &sizes_bytes,
                           const std::vector<double> &durations_s)
{
    Totals totals;
    for (std::size_t k = 0; k < sizes_bytes.size(); k++)
        totals.add(sizes_bytes[k], durations_s[k]);
    return totals.result(true);
}

namespace {

// What H.264 needs for the look that another codec gives with one bit.
double bits_against(const std::string &codec)
{
    if (codec == "hevc" || codec == "vp9")
        return 1.6;
    return codec == "av1" ? 2.0 : 1.0;
}

double pixel_ratio(const media::VideoTrack &track, media::Size size)
{
    media::Size own = media::display_size(track);
    return static_cast<double>(size.width) * size.height / (static_cast<double>(own.width) * own.height);
}

double seconds(const media::VideoTimeline &timeline, std::uint32_t first, std::uint32_t last)
{
    return static_cast<double>(timeline.ticks[last] - timeline.ticks[first]) / timeline.timescale;
}

// What the source itself spends, on the segments of the grid.
Bandwidth source_bandwidth(const media::VideoPackets &source, const media::VideoTimeline &timeline)
{
    Totals totals;
    for (std::size_t k = 0; k < timeline.segments(); k++) {
        double bytes = 0;
        for (std::uint32_t frame = timeline.borders[k] / timeline.pictures_per_frame;
             frame < timeline.borders[k + 1] / timeline.pictures_per_frame; frame++)
            bytes += source.size_bytes[frame];
        totals.add(bytes, seconds(timeline, timeline.borders[k], timeline.borders[k + 1]));
    }
    return totals.result(true);
}

} // namespace

std::uint64_t worthwhile_cap_bps(const media::VideoTrack &track, const media::VideoPackets &source,
                                 const media::VideoTimeline &timeline, media::Size size)
{
    double ratio = pixel_ratio(track, size);
    double share = ratio < 1 ? std::min(0.9, 1.3 * std::pow(ratio, 0.75)) : 1.3;
    double peak_bps =
        static_cast<double>(source_bandwidth(source, timeline).peak_bps) * bits_against(track.codec);
    // Below this no picture of any size is worth looking at.
    constexpr double least_bps = 150e3;
    return static_cast<std::uint64_t>(std::max(least_bps, peak_bps * share) / 1000) * 1000;
}

Bandwidth encoded_bandwidth(std::uint64_t cap_bps, const media::VideoTrack &track,
                            const media::VideoPackets &source, const media::VideoTimeline &timeline,
                            media::Size size)
{
    double cap = static_cast<double>(cap_bps);
    double source_bps =
        static_cast<double>(source_bandwidth(source, timeline).average_bps) * bits_against(track.codec);
    // An encode spends about what the source spends, less for fewer pixels; half the cap is the usual look of
    // `high`.
    double average = std::min(source_bps * std::pow(pixel_ratio(track, size), 0.75), cap * 0.5);
    // `videotranscode` starts each segment with a bucket of one second's bits at the cap and refills it at
    // half of that.
    double peak = 0;
    for (std::size_t k = 0; k < timeline.segments(); k++) {
        double length_s = seconds(timeline, timeline.borders[k], timeline.borders[k + 1]);
        double frames = timeline.borders[k + 1] - timeline.borders[k];
        peak =
            std::max(peak, cap * (0.5 + 1 / length_s) + (boxes_bytes + frames * entry_bytes) * 8 / length_s);
    }
    return {static_cast<std::uint64_t>(average), static_cast<std::uint64_t>(peak), false};
}

Bandwidth keyframe_bandwidth(std::uint64_t cap_bits, const media::VideoTimeline &timeline)
{
    // A usual picture takes about a third of what the most difficult one may.
    constexpr double usual_share = 1.0 / 3;
    constexpr double container_bits = (boxes_bytes + entry_bytes) * 8;
    Totals most;
    for (std::size_t k = 0; k < timeline.segments(); k++)
        most.add((static_cast<double>(cap_bits) + container_bits) / 8,
                 seconds(timeline, timeline.borders[k], timeline.borders[k + 1]));
    Bandwidth bound = most.result(false);
    bound.average_bps = static_cast<std::uint64_t>(static_cast<double>(bound.average_bps) * usual_share);
    return bound;
}

Bandwidth encoded_bandwidth(std::uint64_t audio_bitrate_bps)
{
    // Encoders wander around their target by a tenth; the container adds about 3 kb/s.
    double average = static_cast<double>(audio_bitrate_bps) + 3000;
    return {static_cast<std::uint64_t>(average), static_cast<std::uint64_t>(average * 1.2), false};
}

Bandwidth lossless_bandwidth(unsigned rate, unsigned channels)
{
    constexpr std::uint64_t sample_bits = 24;
    constexpr std::uint64_t container_bps = 3000;
    std::uint64_t peak_bps = std::uint64_t{rate} * channels * sample_bits + container_bps;
    return {peak_bps / 2, peak_bps, false};
}

SizeOf known_or(SizeOf made, const std::vector<std::uint32_t> &copied_bytes)
{
    if (copied_bytes.empty())
        return made;
    return [made = std::move(made), &copied_bytes](std::int64_t k) {
        const std::uint64_t bytes = made(k);
        return bytes > 0 ? bytes : copied_bytes[static_cast<std::size_t>(k)];
    };
}

Bandwidth corrected(const Bandwidth &bound, const std::vector<double> &durations_s, const SizeOf &size_bytes,
                    unsigned target_duration_s)
{
    Totals known;
    std::size_t found = 0;
    std::vector<double> sizes_bytes(durations_s.size());
    for (std::size_t k = 0; k < durations_s.size(); k++)
        if (std::uint64_t bytes = size_bytes(static_cast<std::int64_t>(k)); bytes > 0) {
            sizes_bytes[k] = static_cast<double>(bytes);
            known.add(sizes_bytes[k], durations_s[k]);
            found++;
        }
    if (found == 0)
        return bound;
    Bandwidth result = known.result(found == durations_s.size());
    if (result.measured && target_duration_s > 0) {
        const double peak_bps = peak_of_runs(sizes_bytes, durations_s, target_duration_s);
        result.peak_bps = peak_bps > 0 ? static_cast<std::uint64_t>(std::ceil(peak_bps)) : result.average_bps;
    }
    // Until all are known, a later segment may still be as large as the cap allows.
    if (!result.measured)
        result.peak_bps = std::max(result.peak_bps, bound.peak_bps);
    return result;
}

std::vector<double> segment_durations_s(const VideoRendition &rendition)
{
    const auto &borders = rendition.borders();
    const auto &timeline = *rendition.timeline;
    std::vector<double> durations;
    for (std::size_t k = 0; k + 1 < borders.size(); k++)
        durations.push_back(static_cast<double>(timeline.ticks[borders[k + 1]] - timeline.ticks[borders[k]]) /
                            timeline.timescale);
    return durations;
}

std::vector<double> segment_durations_s(const AudioRendition &rendition)
{
    const auto &grid = rendition.timeline;
    std::vector<double> durations;
    for (std::size_t k = 0; k < grid.segments(); k++)
        durations.push_back(
            static_cast<double>(grid.start_of(grid.borders[k + 1]) - grid.start_of(grid.borders[k])) /
            grid.rate);
    return durations;
}

} // namespace butaca::playback
