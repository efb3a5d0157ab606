// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/job_parts.h"

#include <algorithm>
#include <cmath>

namespace butaca::playback {

Result<pipelines::Origin> job_origin(const media::Asset &asset, const Origins &origins)
{
    auto route = origins.route(asset.digest);
    if (!route)
        return fail(route.error());
    pipelines::Origin origin;
    origin.scheme = route->scheme;
    origin.addresses = route->hosts;
    origin.digest = asset.digest;
    origin.ticket = route->ticket;
    origin.demuxer = asset.demuxer;
    return origin;
}

std::int64_t keyframe_before(const media::VideoPackets &packets, std::uint32_t frame)
{
    auto after = std::upper_bound(packets.keyframes.begin(), packets.keyframes.end(), frame);
    return after == packets.keyframes.begin() ? packets.pts_ns.front() : packets.pts_ns[*(after - 1)];
}

media::Rational encoder_rate(const media::VideoTimeline &timeline, const std::string &codec)
{
    if (timeline.rate.num > 0 || codec != "hevc" || timeline.duration_ticks() <= 0)
        return timeline.rate;
    const double length_s = static_cast<double>(timeline.duration_ticks()) / timeline.timescale;
    const double frames = static_cast<double>(timeline.frames()) / timeline.pictures_per_frame;
    return {std::max(1L, std::lround(frames / length_s)), 1};
}

} // namespace butaca::playback
