// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/media.h"

#include <algorithm>
#include <map>

namespace butaca::client::check {

namespace {

// The distance of neighbours that is seen most often; of equal ones the smaller.
std::int64_t usual_distance(const std::vector<std::int64_t> &sorted)
{
    std::map<std::int64_t, std::size_t> seen;
    for (std::size_t i = 1; i < sorted.size(); i++)
        if (sorted[i] > sorted[i - 1])
            seen[sorted[i] - sorted[i - 1]]++;
    const auto most = std::max_element(seen.begin(), seen.end(),
                                       [](const auto &a, const auto &b) { return a.second < b.second; });
    return most == seen.end() ? 0 : most->first;
}

} // namespace

Part summed_up(std::uint32_t track, std::uint32_t timescale, bool is_picture, std::int64_t decode_begin,
               const std::vector<Sample> &samples)
{
    Part part;
    part.track = track;
    part.timescale = timescale;
    part.is_picture = is_picture;
    part.decode_begin = part.decode_end = decode_begin;
    part.samples = samples.size();
    if (samples.empty())
        return part;
    std::vector<std::int64_t> times;
    times.reserve(samples.size());
    for (const Sample &sample : samples) {
        part.decode_end += sample.duration;
        times.push_back(sample.pts);
        if (!sample.sync)
            continue;
        part.sync_gap = std::max(part.sync_gap, sample.pts - part.sync_last.value_or(sample.pts));
        part.sync_last = sample.pts;
        if (!part.sync_first)
            part.sync_first = sample.pts;
    }
    std::sort(times.begin(), times.end());
    part.frame = usual_distance(times);
    part.shown_begin = times.front();
    part.shown_last = times.back();
    part.shown_end = part.shown_end_most = times.back() + (is_picture ? part.frame : 0);
    for (const Sample &sample : samples) {
        const bool as_usual = is_picture && part.frame > 0;
        part.shown_end = std::max(part.shown_end, sample.pts + (as_usual ? part.frame : sample.duration));
        part.shown_end_most = std::max(part.shown_end_most, sample.pts + sample.duration);
    }
    return part;
}

} // namespace butaca::client::check
