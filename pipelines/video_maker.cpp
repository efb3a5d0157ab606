// SPDX-License-Identifier: LGPL-2.1-or-later
// Decoded frames in, one encoded segment out.
#include "pipelines/video_maker.h"

#include "pipelines/frame_feeder.h"
#include "pipelines/frame_matcher.h"
#include "pipelines/segment_graph.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// No frame that matches the segment's first one lies further before it.
constexpr std::int64_t margin_ns = second_ns / 5;

FrameFeed feed_of(SegmentRun &run)
{
    return {[&run](GstCaps *caps) { run.set_caps(caps); },
            [&run](Owned<GstBuffer> picture) { return run.push(std::move(picture)); }};
}

// Collects the segment's frames; damage is mended with the neighbour before, or after where there is none.
Result<MakingNotes> collect(const VideoJob &video, std::size_t limit, WarmStream &frames, FrameFeeder &feeder)
{
    MakingNotes notes;
    FrameMatcher matcher(video.pts_ns, video.before_ns, video.after_ns);
    TimedSample last;
    while (!matcher.complete() && feeder.fed() < limit) {
        auto frame = frames.next();
        // What breaks after a frame has come is damage; before that there is nothing to show.
        if (!frame && (frame.error().code != ErrorCode::unsupported || !last))
            return fail(std::move(frame.error()));
        const bool ended = !frame || !*frame;
        FrameMatcher::Match match{FrameMatcher::Verdict::beyond, 0};
        if (ended)
            match.missing = matcher.end();
        else
            match = matcher.match(frame->time_ns);
        if (match.verdict == FrameMatcher::Verdict::drop)
            continue;
        const bool take = match.verdict == FrameMatcher::Verdict::take;
        if (take && !last)
            last = {adopt(gst_sample_ref(frame->sample.get())), frame->time_ns};
        if (!last)
            return fail(ErrorCode::unsupported, "no picture of this segment can be decoded");
        notes.frames_filled += match.missing;
        for (; match.missing > 0; --match.missing)
            if (auto fed = feeder.feed(last.sample.get()); !fed)
                return fail(std::move(fed.error()));
        if (take) {
            if (auto fed = feeder.feed(frame->sample.get()); !fed)
                return fail(std::move(fed.error()));
            last = std::move(*frame);
        } else if (!ended) {
            frames.give_back(std::move(*frame));
        }
    }
    return notes;
}

Result<MakingNotes> encode_picture(const Job &job, GstSample *picture, const SegmentOutput &output,
                                   Activity &activity)
{
    auto run = SegmentRun::start(video_segment_graph(job), job.init_only, output, activity);
    if (!run)
        return fail(std::move(run.error()));
    if (auto fed = FrameFeeder(job.video, job.origin.caps, feed_of(**run)).feed(picture); !fed)
        return fail(std::move(fed.error()));
    if (auto finished = (*run)->finish(); !finished)
        return fail(std::move(finished.error()));
    return MakingNotes{};
}

} // namespace

Result<MakingNotes> make_video(const Job &job, WarmStream &frames, const media::Subtitles *subtitles,
                               const SegmentOutput &output, Activity &activity)
{
    const VideoJob &video = job.video;
    // One packet is all that such a picture needs.
    if (video.keyframe && !video.interlaced && video.seek_ns == video.pts_ns.front()) {
        auto picture = frames.keyframe_at(video.seek_ns);
        if (!picture && picture.error().code != ErrorCode::unsupported)
            return fail(std::move(picture.error()));
        if (picture && *picture)
            return encode_picture(job, picture->sample.get(), output, activity);
    }
    frames.shows_from(video.pts_ns.front() - margin_ns);
    if (!frames.leads_to(video.pts_ns.front(), video.seek_ns))
        if (auto sought = frames.seek(video.seek_ns); !sought)
            return fail(std::move(sought.error()));
    // After that, so that decoding is under way while the encoder is set up.
    auto run = SegmentRun::start(video_segment_graph(job, subtitles), job.init_only, output, activity);
    if (!run)
        return fail(std::move(run.error()));
    FrameFeeder feeder(job.video, job.origin.caps, feed_of(**run));
    auto notes = collect(video, job.init_only ? 1 : video.pts_ns.size(), frames, feeder);
    if (!notes)
        return notes;
    if (auto finished = (*run)->finish(); !finished)
        return fail(std::move(finished.error()));
    return notes;
}

} // namespace butaca::pipelines
