// SPDX-License-Identifier: LGPL-2.1-or-later
// Copied packets, chosen by time.
#include "pipelines/copy_maker.h"

#include <algorithm>
#include <vector>

#include "pipelines/copied_packet.h"
#include "pipelines/segment_graph.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Containers round times by up to half a millisecond; packets lie further apart.
constexpr std::int64_t rounding_ns = 600'000;
// How far behind the segment's end a frame of it may still come in decoding order.
constexpr std::int64_t reorder_ns = 5 * second_ns;

tl::unexpected<Error> missing()
{
    return fail(ErrorCode::unsupported, "the original lacks a part of this segment");
}

Status feed(SegmentRun &run, CopiedFormat &format, const TimedSample &packet, std::int64_t start_ns,
            std::int64_t end_ns)
{
    GstCaps *caps = gst_sample_get_caps(packet.sample.get());
    run.set_caps(format.caps(caps));
    auto buffer = bare_packet(gst_sample_get_buffer(packet.sample.get()), caps);
    GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(start_ns);
    GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION(buffer.get()) = static_cast<GstClockTime>(end_ns - start_ns);
    GST_BUFFER_FLAG_UNSET(buffer.get(), GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC);
    return run.push(std::move(buffer));
}

// How far a packet may lie from its frame's time in the index: a third of the way to the next frame.
std::int64_t tolerance_ns(const std::vector<std::int64_t> &pts_ns)
{
    std::int64_t nearest_ns = second_ns;
    for (std::size_t i = 1; i < pts_ns.size(); i++)
        nearest_ns = std::min(nearest_ns, pts_ns[i] - pts_ns[i - 1]);
    return std::max(rounding_ns, std::min(nearest_ns / 3, second_ns / 50));
}

// Which of the segment's frames a packet is: the nearest one; none for another segment's.
std::optional<std::size_t> frame_at(const std::vector<std::int64_t> &pts_ns, std::int64_t time_ns,
                                    std::int64_t tolerance)
{
    auto at = std::lower_bound(pts_ns.begin(), pts_ns.end(), time_ns);
    if (at == pts_ns.end() || (at != pts_ns.begin() && time_ns - *(at - 1) < *at - time_ns))
        --at;
    if (std::abs(*at - time_ns) > tolerance)
        return std::nullopt;
    return static_cast<std::size_t>(at - pts_ns.begin());
}

// `fed` counts what went to the muxer.
Status feed_video(const Job &job, std::size_t limit, WarmStream &packets, SegmentRun &run, std::size_t &fed)
{
    const VideoJob &video = job.video;
    CopiedFormat format(job.origin.caps);
    std::vector<bool> seen(video.pts_ns.size());
    const std::int64_t tolerance = tolerance_ns(video.pts_ns);
    while (fed < limit) {
        auto packet = packets.next();
        if (!packet)
            return fail(std::move(packet.error()));
        if (!*packet || packet->time_ns > video.pts_ns.back() + reorder_ns)
            return missing();
        const auto frame = frame_at(video.pts_ns, packet->time_ns, tolerance);
        if (!frame || seen[*frame])
            continue;
        // A copied segment begins with a keyframe: times are off if something else seems to.
        if (fed == 0 &&
            GST_BUFFER_FLAG_IS_SET(gst_sample_get_buffer(packet->sample.get()), GST_BUFFER_FLAG_DELTA_UNIT))
            return missing();
        seen[*frame] = true;
        ++fed;
        if (auto pushed = feed(run, format, *packet, ns_from(video.ticks[*frame], video.timescale),
                               ns_from(video.ticks[*frame + 1], video.timescale));
            !pushed)
            return pushed;
    }
    return {};
}

} // namespace

Result<MakingNotes> copy_video(const Job &job, WarmStream &packets, const SegmentOutput &output,
                               Activity &activity)
{
    const VideoJob &video = job.video;
    auto run = SegmentRun::start(copy_segment_graph(job), job.init_only, output, activity);
    if (!run)
        return fail(std::move(run.error()));
    Status done;
    if (!packets.leads_to(video.pts_ns.front(), video.seek_ns))
        done = packets.seek(video.seek_ns);
    const std::size_t limit = job.init_only ? 1 : video.pts_ns.size();
    std::size_t fed = 0;
    if (done)
        done = feed_video(job, limit, packets, **run, fed);
    // tsdemux guesses times after a jump beyond the place where the stream's clock began anew.
    if (!done && fed == 0 && done.error().code == ErrorCode::unsupported) {
        done = packets.restart();
        if (done)
            done = feed_video(job, limit, packets, **run, fed);
    }
    if (done)
        done = (*run)->finish();
    if (!done)
        return fail(std::move(done.error()));
    return MakingNotes{};
}

Result<MakingNotes> copy_audio(const Job &job, std::span<const TimedSample> packets,
                               const SegmentOutput &output, Activity &activity)
{
    const auto ticks = audio_ticks(job.audio);
    // The index holds equal packets on an exact line; the container's own times wander around it by some
    // milliseconds, and some demuxers give no time before 0.
    const std::int64_t tolerance =
        std::max(rounding_ns, ns_from(job.audio.frame_samples, job.audio.rate) / 2);
    const auto first = std::find_if(packets.begin(), packets.end(), [&](const TimedSample &packet) {
        return packet.time_ns >= job.audio.seek_ns - tolerance;
    });
    const std::size_t count = job.init_only ? 1 : static_cast<std::size_t>(job.audio.frame_count);
    if (static_cast<std::size_t>(packets.end() - first) < count ||
        first->time_ns > job.audio.seek_ns + tolerance)
        return missing();
    auto run = SegmentRun::start(copy_segment_graph(job), job.init_only, output, activity);
    if (!run)
        return fail(std::move(run.error()));
    CopiedFormat format(job.origin.caps);
    Status done;
    for (std::size_t i = 0; i < count && done; ++i)
        done = feed(**run, format, first[static_cast<std::ptrdiff_t>(i)], ns_from(ticks[i], job.audio.rate),
                    ns_from(ticks[i + 1], job.audio.rate));
    if (done)
        done = (*run)->finish();
    if (!done)
        return fail(std::move(done.error()));
    return MakingNotes{};
}

} // namespace butaca::pipelines
