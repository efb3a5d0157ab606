// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/jump.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

namespace butaca::playback::rtsp {

namespace {

constexpr double ns_per_s = 1e9;
// What is sought is a little before the keyframe: in floating point, it could also be a little after it.
constexpr std::int64_t before_ns = 1'000;

// Seconds as nanoseconds; nothing for what no title has.
std::optional<std::int64_t> ns_from_seconds(double seconds)
{
    constexpr double most_s = 1e8;
    if (!std::isfinite(seconds) || seconds < 0 || seconds > most_s)
        return std::nullopt;
    return static_cast<std::int64_t>(std::llround(seconds * ns_per_s));
}

GstRTSPStatusCode jump_to_seconds(Playout &playout, GstRTSPTimeRange **range, GstSeekFlags *flags)
{
    auto begin_ns = ns_from_seconds((*range)->min.seconds);
    auto end_ns = std::optional<std::int64_t>(-1);
    if ((*range)->max.type == GST_RTSP_TIME_SECONDS)
        end_ns = ns_from_seconds((*range)->max.seconds);
    if (!begin_ns || !end_ns || *begin_ns >= playout.duration_ns() || (*end_ns >= 0 && *end_ns <= *begin_ns))
        return GST_RTSP_STS_INVALID_RANGE;
    const bool fresh = playout.at_begin();
    const Playout::Range before{playout.begin_ns(), playout.end_ns()};
    const Playout::Range chosen = playout.choose(*begin_ns, *end_ns);
    if (fresh && chosen.begin_ns == before.begin_ns && chosen.end_ns == before.end_ns) {
        // It is there already, with the first packets ready.
        gst_rtsp_range_free(std::exchange(*range, nullptr));
        *flags = GST_SEEK_FLAG_NONE;
        return GST_RTSP_STS_OK;
    }
    const std::int64_t sought_ns = std::max<std::int64_t>(0, chosen.begin_ns - before_ns);
    (*range)->min = {GST_RTSP_TIME_SECONDS, static_cast<double>(sought_ns) / ns_per_s};
    (*range)->max = {GST_RTSP_TIME_END, 0};
    *flags = static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE);
    return GST_RTSP_STS_OK;
}

} // namespace

GstRTSPStatusCode jump(Playout &playout, GstRTSPTimeRange **range, GstSeekFlags *flags)
{
    if ((*range)->unit != GST_RTSP_RANGE_NPT)
        return GST_RTSP_STS_INVALID_RANGE;
    switch ((*range)->min.type) {
    case GST_RTSP_TIME_SECONDS:
        return jump_to_seconds(playout, range, flags);
    case GST_RTSP_TIME_NOW: // where it stands
        gst_rtsp_range_free(std::exchange(*range, nullptr));
        return GST_RTSP_STS_OK;
    default:
        return GST_RTSP_STS_INVALID_RANGE;
    }
}

} // namespace butaca::playback::rtsp
