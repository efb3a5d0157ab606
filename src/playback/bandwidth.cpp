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

} // namespace

Bandwidth copied_bandwidth(const media::VideoPackets &packets, const media::VideoTimeline &timeline)
{
    Totals totals;
    for (std::size_t k = 0; k + 1 < timeline.copy_borders.size(); k++) {
        double bytes = boxes_bytes;
        for (std::uint32_t frame = timeline.copy_borders[k]; frame < timeline.copy_borders[k + 1]; frame++)
            bytes += packets.size_bytes[frame] + entry_bytes;
        std::int64_t ticks =
            timeline.ticks[timeline.copy_borders[k + 1]] - timeline.ticks[timeline.copy_borders[k]];
        totals.add(bytes, static_cast<double>(ticks) / timeline.timescale);
    }
    return totals.result(true);
}

Bandwidth copied_bandwidth(const media::AudioPackets &packets, const media::AudioCopy &copy)
{
    Totals totals;
    const auto &grid = copy.timeline;
    for (std::size_t k = 0; k < grid.segments(); k++) {
        double bytes = boxes_bytes;
        for (std::uint32_t frame = grid.borders[k]; frame < grid.borders[k + 1]; frame++)
            bytes += packets.size_bytes[copy.first_packet + frame] + entry_bytes / 2;
        totals.add(bytes,
                   static_cast<double>(grid.start_of(grid.borders[k + 1]) - grid.start_of(grid.borders[k])) /
                       grid.rate);
    }
    return totals.result(true);
}

Bandwidth encoded_bandwidth(std::uint64_t cap_bps, const media::VideoPackets &source, media::Size source_size,
                            media::Size size)
{
    double bytes = 0;
    for (std::uint32_t packet : source.size_bytes)
        bytes += packet;
    double seconds =
        source.pts_ns.empty() ? 0 : static_cast<double>(source.end_ns - source.pts_ns.front()) / 1e9;
    double source_bps = seconds > 0 ? bytes * 8 / seconds : static_cast<double>(cap_bps);
    double pixels = static_cast<double>(size.width) * size.height /
                    std::max(1.0, static_cast<double>(source_size.width) * source_size.height);
    // An encode spends about what the source spends, less for fewer pixels; half the cap is the usual look of
    // `high`.
    double average = std::min(source_bps * std::pow(pixels, 0.75), static_cast<double>(cap_bps) * 0.5);
    // Each segment starts with a full buffer of one second: over two seconds that is at most half as much
    // again.
    return {static_cast<std::uint64_t>(average),
            static_cast<std::uint64_t>(static_cast<double>(cap_bps) * 1.5), false};
}

Bandwidth encoded_bandwidth(std::uint64_t audio_bitrate_bps)
{
    // Encoders wander around their target by a tenth; the container adds about 3 kb/s.
    double average = static_cast<double>(audio_bitrate_bps) + 3000;
    return {static_cast<std::uint64_t>(average), static_cast<std::uint64_t>(average * 1.2), false};
}

Bandwidth corrected(const Bandwidth &bound, const std::vector<double> &durations_s,
                    const std::function<std::uint64_t(std::int64_t)> &size_bytes)
{
    if (bound.measured)
        return bound;
    Totals known;
    std::size_t found = 0;
    for (std::size_t k = 0; k < durations_s.size(); k++)
        if (std::uint64_t bytes = size_bytes(static_cast<std::int64_t>(k)); bytes > 0) {
            known.add(static_cast<double>(bytes), durations_s[k]);
            found++;
        }
    if (found == 0)
        return bound;
    Bandwidth result = known.result(found == durations_s.size());
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
