// SPDX-License-Identifier: LGPL-2.1-or-later
// Decoded frames in, one encoded segment out.
#include "pipelines/video_maker.h"

#include <string_view>

#include <gst/video/video.h>

#include "pipelines/frame_matcher.h"
#include "pipelines/segment_graph.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// No frame that matches the segment's first one lies further before it.
constexpr std::int64_t margin_ns = second_ns / 5;

// Gives frames to the encoder on the timeline's own times.
class FrameFeeder {
public:
    FrameFeeder(const Job &job, SegmentRun &run)
        : job_(job.video), track_(adopt(gst_caps_from_string(job.origin.caps.c_str()))), run_(run)
    {
        if (track_ && gst_caps_get_size(track_.get()) == 0)
            track_.reset();
    }

    // All pictures of one decoded frame, or the first one for a keyframe.
    Status feed(GstSample *sample)
    {
        declare(gst_sample_get_caps(sample));
        ++frames_;
        if (!job_.interlaced)
            return push(sample, 0);
        const GstBuffer *frame = gst_sample_get_buffer(sample);
        const bool both =
            fields_.interlaced || (fields_.mixed && flag(frame, GST_VIDEO_BUFFER_FLAG_INTERLACED));
        const bool top_first = fields_.top_first.value_or(flag(frame, GST_VIDEO_BUFFER_FLAG_TFF));
        for (const bool top : {top_first, !top_first}) {
            // A progressive frame among interlaced ones is shown twice, whole.
            const unsigned field = top ? GST_VIDEO_BUFFER_FLAG_TOP_FIELD : GST_VIDEO_BUFFER_FLAG_BOTTOM_FIELD;
            if (auto pushed = push(sample, both ? field : 0); !pushed || job_.keyframe)
                return pushed;
        }
        return {};
    }

    std::size_t fed() const { return frames_; }

private:
    // What the caps tell of fields.
    struct Fields {
        bool interlaced = false;       // every frame
        bool mixed = false;            // those with a flag
        std::optional<bool> top_first; // nothing: the flag of each frame tells
    };

    static bool flag(const GstBuffer *frame, GstVideoBufferFlags which)
    {
        return (GST_BUFFER_FLAGS(frame) & static_cast<guint>(which)) != 0;
    }

    static Fields fields_of(const GstCaps *caps)
    {
        const GstStructure *s = gst_caps_get_structure(caps, 0);
        const char *mode = gst_structure_get_string(s, "interlace-mode");
        const char *order = gst_structure_get_string(s, "field-order");
        Fields fields;
        fields.mixed = mode && std::string_view(mode) == "mixed";
        fields.interlaced = mode && !fields.mixed && std::string_view(mode) != "progressive";
        if (order && std::string_view(order) == "top-field-first")
            fields.top_first = true;
        if (order && std::string_view(order) == "bottom-field-first")
            fields.top_first = false;
        return fields;
    }

    // One picture, with these flags instead of its own about fields.
    Status push(GstSample *sample, unsigned field)
    {
        auto frame = adopt(gst_buffer_copy(gst_sample_get_buffer(sample)));
        const std::int64_t start_ns = ns_from(job_.ticks[next_], job_.timescale);
        GST_BUFFER_PTS(frame.get()) = static_cast<GstClockTime>(start_ns);
        GST_BUFFER_DTS(frame.get()) = GST_CLOCK_TIME_NONE;
        GST_BUFFER_DURATION(frame.get()) =
            static_cast<GstClockTime>(ns_from(job_.ticks[next_ + 1], job_.timescale) - start_ns);
        // A jump in the source is none in the segment.
        GST_BUFFER_FLAG_UNSET(frame.get(), GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC);
        if (job_.interlaced) {
            GST_BUFFER_FLAG_UNSET(frame.get(), GST_VIDEO_BUFFER_FLAG_TOP_FIELD | GST_VIDEO_BUFFER_FLAG_RFF);
            GST_BUFFER_FLAG_SET(frame.get(), field);
        }
        ++next_;
        return run_.push(std::move(frame));
    }

    // The decoder's idea of the frame rate may depend on where it started; the timeline's does not.
    void declare(GstCaps *caps)
    {
        if (!caps || caps == seen_.get())
            return;
        seen_ = adopt(gst_caps_ref(caps));
        fields_ = fields_of(caps);
        auto ours = adopt(gst_caps_copy(caps));
        know_light(ours.get());
        gst_caps_set_simple(ours.get(), "framerate", GST_TYPE_FRACTION, static_cast<int>(job_.frame_rate_num),
                            static_cast<int>(job_.frame_rate_den), nullptr);
        run_.set_caps(ours.get());
    }

    // What the decoder leaves open, the container may have told. A matrix there must be: without one
    // GStreamer believes nothing else either, a full range included, and makes grey pale.
    static void complete_colours(GstCaps *ours, const char *told)
    {
        GstVideoInfo info;
        GstVideoColorimetry known{}, more{};
        const char *decoded = gst_structure_get_string(gst_caps_get_structure(ours, 0), "colorimetry");
        if (!gst_video_info_from_caps(&info, ours) || GST_VIDEO_INFO_IS_RGB(&info))
            return;
        if (decoded)
            gst_video_colorimetry_from_string(&known, decoded);
        if (told)
            gst_video_colorimetry_from_string(&more, told);
        if (known.range == GST_VIDEO_COLOR_RANGE_UNKNOWN)
            known.range = more.range;
        if (known.transfer == GST_VIDEO_TRANSFER_UNKNOWN)
            known.transfer = more.transfer;
        if (known.primaries == GST_VIDEO_COLOR_PRIMARIES_UNKNOWN)
            known.primaries = more.primaries;
        if (known.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
            known.matrix = more.matrix;
        if (known.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
            known.matrix = info.height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601;
        if (known.range == GST_VIDEO_COLOR_RANGE_UNKNOWN)
            known.range = GST_VIDEO_COLOR_RANGE_16_235;
        if (const auto name = adopt(gst_video_colorimetry_to_string(&known)))
            gst_caps_set_simple(ours, "colorimetry", G_TYPE_STRING, name.get(), nullptr);
    }

    // What the index tells of HDR, and nothing else: a decoder may learn it late, or not at all where only
    // the container tells.
    void know_light(GstCaps *ours)
    {
        const GstStructure *told = track_ ? gst_caps_get_structure(track_.get(), 0) : nullptr;
        for (const char *field : {"mastering-display-info", "content-light-level"}) {
            gst_structure_remove_field(gst_caps_get_structure(ours, 0), field);
            if (const char *text = told ? gst_structure_get_string(told, field) : nullptr)
                gst_caps_set_simple(ours, field, G_TYPE_STRING, text, nullptr);
        }
        complete_colours(ours, told ? gst_structure_get_string(told, "colorimetry") : nullptr);
    }

    const VideoJob &job_;
    Owned<GstCaps> track_;
    SegmentRun &run_;
    Owned<GstCaps> seen_;
    Fields fields_;
    std::size_t next_ = 0;   // picture
    std::size_t frames_ = 0; // of the source
};

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
    if (auto fed = FrameFeeder(job, **run).feed(picture); !fed)
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
    FrameFeeder feeder(job, **run);
    auto notes = collect(video, job.init_only ? 1 : video.pts_ns.size(), frames, feeder);
    if (!notes)
        return notes;
    if (auto finished = (*run)->finish(); !finished)
        return fail(std::move(finished.error()));
    return notes;
}

} // namespace butaca::pipelines
