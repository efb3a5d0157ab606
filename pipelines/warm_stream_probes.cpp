// SPDX-License-Identifier: LGPL-2.1-or-later
// What watches and sorts the packets and frames of an open original, on its streaming threads.
#include <string_view>

#include <gst/video/video.h>

#include "pipelines/parameter_sets.h"
#include "pipelines/stream_time.h"
#include "pipelines/warm_stream.h"

namespace butaca::pipelines {

namespace {

bool is_sound(const GstCaps *caps)
{
    return caps &&
           std::string_view(gst_structure_get_name(gst_caps_get_structure(caps, 0))).starts_with("audio/");
}

} // namespace

std::optional<std::int64_t> WarmStream::time_of(const GstSegment *segment, const GstBuffer *buffer) const
{
    const auto time = stream_time(segment, buffer);
    return time ? std::optional(*time - offset_now_ns_) : std::nullopt;
}

// Instead of the demuxer's segments: one without bounds, in which stream time is the packets' own. After a
// seek and an earlier time it bounds some frames out that are to be shown.
GstPadProbeReturn WarmStream::segment_probe(GstPad *, GstPadProbeInfo *info, gpointer data) noexcept
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_SEGMENT)
        return GST_PAD_PROBE_OK;
    const GstSegment *segment = nullptr;
    gst_event_parse_segment(event, &segment);
    if (segment->format != GST_FORMAT_TIME)
        return GST_PAD_PROBE_OK;
    static_cast<WarmStream *>(data)->stream_begins_ns_ =
        static_cast<std::int64_t>(segment->start) - static_cast<std::int64_t>(segment->time);
    GstSegment open;
    gst_segment_init(&open, GST_FORMAT_TIME);
    GstEvent *ours = gst_event_new_segment(&open);
    gst_event_set_seqnum(ours, gst_event_get_seqnum(event));
    gst_event_unref(event);
    GST_PAD_PROBE_INFO_DATA(info) = ours;
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn WarmStream::gate_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept
{
    auto *self = static_cast<WarmStream *>(data);
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    if (!self->arrived_) {
        Owned<GstEvent> event;
        self->arrived_ns_ = stream_time(segment_at(pad, event), buffer).value_or(0);
        self->arrived_stamp_ = stamp_of(buffer);
        self->arrived_bytes_ = gst_buffer_get_size(buffer);
        self->arrived_ = true;
        self->run_->wake();
    }
    return GST_PAD_PROBE_OK; // stays blocked
}

GstPadProbeReturn WarmStream::entry_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept
{
    auto *self = static_cast<WarmStream *>(data);
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) {
        GstBuffer *packet = GST_PAD_PROBE_INFO_BUFFER(info);
        if (!self->over_)
            return self->entering(pad, packet);
        // As if the file ended here: the demuxer stops, and the decoder gives what it has.
        gst_buffer_unref(packet);
        GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_EOS;
        return GST_PAD_PROBE_HANDLED;
    }
    // What was under way before the flush must not count as landing after it.
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_FLUSH_STOP) {
        self->landed_ = false;
        self->over_ = false;
    }
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn WarmStream::entering(GstPad *pad, GstBuffer *buffer)
{
    if (landed_) {
        over_ = is_last(pad, buffer);
        return needless(pad, buffer) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
    }
    auto caps = adopt(gst_pad_get_current_caps(pad));
    // Some demuxers land between keyframes; what a decoder makes of that depends on luck. Of sound asfdemux
    // says "no keyframe" wherever its muxer did not care to mark any.
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT) && !is_sound(caps.get()))
        return GST_PAD_PROBE_DROP;
    Owned<GstEvent> event;
    const auto time = time_of(segment_at(pad, event), buffer);
    if (!time)
        return GST_PAD_PROBE_OK;
    const Entry entry = entry_at(buffer, caps.get());
    if (!any_keyframe_ && entry == Entry::none)
        return GST_PAD_PROBE_DROP;
    landed_clean_ = entry == Entry::clean;
    landed_ns_ = *time;
    over_ = is_last(pad, buffer);
    landed_ = true;
    run_->wake();
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn WarmStream::exit_probe(GstPad *pad, GstPadProbeInfo *info, gpointer data) noexcept
{
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER)
        return static_cast<WarmStream *>(data)->leaving(pad, GST_PAD_PROBE_INFO_BUFFER(info));
    GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);
    // Else libav's decoders copy each frame into one without padded rows, and the scaler copies it back. Who
    // gets the frames maps them as video.
    if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION &&
        !gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr)) {
        gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
        return GST_PAD_PROBE_HANDLED;
    }
    return GST_PAD_PROBE_OK;
}

// What is not shown need not wait for the job's thread, which is busy with the encoder.
GstPadProbeReturn WarmStream::leaving(GstPad *pad, const GstBuffer *frame) const
{
    activity_->moved();
    Owned<GstEvent> event;
    const auto time = time_of(segment_at(pad, event), frame);
    return time && *time < shown_from_ns_ ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

bool WarmStream::is_last(GstPad *pad, GstBuffer *buffer) const
{
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT))
        return false;
    Owned<GstEvent> event;
    const auto time = time_of(segment_at(pad, event), buffer);
    return time && *time >= last_key_ns_;
}

bool WarmStream::needless(GstPad *pad, GstBuffer *buffer) const
{
    Owned<GstEvent> event;
    const auto time = time_of(segment_at(pad, event), buffer);
    if (!time || *time >= shown_from_ns_)
        return false;
    auto caps = adopt(gst_pad_get_current_caps(pad));
    return is_disposable(buffer, caps.get());
}

} // namespace butaca::pipelines
