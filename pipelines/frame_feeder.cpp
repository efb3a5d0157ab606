// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/frame_feeder.h"

#include <string_view>

#include <gst/video/video.h>

#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

bool flag(const GstBuffer *frame, GstVideoBufferFlags which)
{
    return (GST_BUFFER_FLAGS(frame) & static_cast<guint>(which)) != 0;
}

// What the decoder leaves open, the container may have told. A matrix there must be: without one
// GStreamer believes nothing else either, a full range included, and makes grey pale.
void complete_colours(GstCaps *ours, const char *told)
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

} // namespace

FrameFeeder::FrameFeeder(const VideoJob &job, const std::string &caps, FrameFeed into)
    : job_(job), track_(adopt(gst_caps_from_string(caps.c_str()))), into_(std::move(into))
{
    if (track_ && gst_caps_get_size(track_.get()) == 0)
        track_.reset();
}

Status FrameFeeder::feed(GstSample *sample)
{
    declare(gst_sample_get_caps(sample));
    ++frames_;
    if (!job_.interlaced)
        return push(sample, 0);
    const GstBuffer *frame = gst_sample_get_buffer(sample);
    const bool both = fields_.interlaced || (fields_.mixed && flag(frame, GST_VIDEO_BUFFER_FLAG_INTERLACED));
    const bool top_first = fields_.top_first.value_or(flag(frame, GST_VIDEO_BUFFER_FLAG_TFF));
    for (const bool top : {top_first, !top_first}) {
        // A progressive frame among interlaced ones is shown twice, whole.
        const unsigned field = top ? GST_VIDEO_BUFFER_FLAG_TOP_FIELD : GST_VIDEO_BUFFER_FLAG_BOTTOM_FIELD;
        if (auto pushed = push(sample, both ? field : 0); !pushed || job_.keyframe)
            return pushed;
    }
    return {};
}

FrameFeeder::Fields FrameFeeder::fields_of(const GstCaps *caps)
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
Status FrameFeeder::push(GstSample *sample, unsigned field)
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
    return into_.push(std::move(frame));
}

// The decoder's idea of the frame rate may depend on where it started; the timeline's does not.
void FrameFeeder::declare(GstCaps *caps)
{
    if (!caps || caps == seen_.get())
        return;
    seen_ = adopt(gst_caps_ref(caps));
    fields_ = fields_of(caps);
    auto ours = adopt(gst_caps_copy(caps));
    know_light(ours.get());
    gst_caps_set_simple(ours.get(), "framerate", GST_TYPE_FRACTION, static_cast<int>(job_.frame_rate_num),
                        static_cast<int>(job_.frame_rate_den), nullptr);
    into_.set_caps(ours.get());
}

// What the index tells of HDR, and nothing else: a decoder may learn it late, or not at all where only
// the container tells.
void FrameFeeder::know_light(GstCaps *ours)
{
    const GstStructure *told = track_ ? gst_caps_get_structure(track_.get(), 0) : nullptr;
    for (const char *field : {"mastering-display-info", "content-light-level"}) {
        gst_structure_remove_field(gst_caps_get_structure(ours, 0), field);
        if (const char *text = told ? gst_structure_get_string(told, field) : nullptr)
            gst_caps_set_simple(ours, field, G_TYPE_STRING, text, nullptr);
    }
    complete_colours(ours, told ? gst_structure_get_string(told, "colorimetry") : nullptr);
}

} // namespace butaca::pipelines
