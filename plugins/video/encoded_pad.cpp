// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/encoded_pad.h"

#include <algorithm>

#include <gst/video/video.h>

#include "plugins/video/nal.h"
#include "plugins/video/obu.h"

namespace butaca::video {

EncodedPad::EncodedPad(const Encoder &row, const Wish &wish, GstElement *encoder, GstElement *last)
    : row_(row), level_(wish.level), gop_frames_(row.needs_forced_keyframes ? wish.gop_frames : 0)
{
    const auto in = adopt(gst_element_get_static_pad(encoder, "sink"));
    const auto out = adopt(gst_element_get_static_pad(last, "src"));
    constexpr auto data = static_cast<GstPadProbeType>(
        GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH);
    gst_pad_add_probe(in.get(), data, raw_trampoline, this, nullptr);
    gst_pad_add_probe(out.get(), data, encoded_trampoline, this, nullptr);
}

GstPadProbeReturn EncodedPad::raw_trampoline(GstPad *pad, GstPadProbeInfo *info, gpointer self) noexcept
{
    auto &me = *static_cast<EncodedPad *>(self);
    if (GST_IS_BUFFER(info->data))
        me.on_raw_buffer(pad, GST_PAD_PROBE_INFO_BUFFER(info));
    else
        me.on_raw_event(GST_PAD_PROBE_INFO_EVENT(info));
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn EncodedPad::encoded_trampoline([[maybe_unused]] GstPad *pad, GstPadProbeInfo *info,
                                                 gpointer self) noexcept
{
    auto &me = *static_cast<EncodedPad *>(self);
    if (GST_IS_BUFFER(info->data))
        me.on_encoded_buffer(info);
    else
        me.on_encoded_event(info);
    return GST_PAD_PROBE_OK;
}

void EncodedPad::on_raw_buffer(GstPad *pad, GstBuffer *buffer)
{
    if (frames_in_ == 0)
        first_pts_ = GST_BUFFER_PTS(buffer);
    else if (gop_frames_ && frames_in_ % gop_frames_ == 0)
        gst_pad_send_event(pad, gst_video_event_new_downstream_force_key_unit(GST_BUFFER_PTS(buffer),
                                                                              GST_CLOCK_TIME_NONE,
                                                                              GST_CLOCK_TIME_NONE, TRUE, 0));
    frames_in_++;
}

void EncodedPad::on_raw_event(GstEvent *event)
{
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_SEGMENT:
        segment_ = adopt(gst_event_ref(event));
        break;
    case GST_EVENT_FLUSH_STOP:
    case GST_EVENT_STREAM_START:
        frames_in_ = 0;
        first_pts_ = GST_CLOCK_TIME_NONE;
        shift_ = first_dts_ = 0;
        knows_shift_ = false;
        break;
    default:
        break;
    }
}

void EncodedPad::restore_times(GstBuffer *buffer)
{
    const auto shifted = [this](GstClockTime time) { return static_cast<GstClockTimeDiff>(time) - shift_; };
    // The first frame out is the first frame in, whatever order the others come in.
    if (!knows_shift_) {
        knows_shift_ = true;
        if (GST_CLOCK_TIME_IS_VALID(first_pts_) && GST_BUFFER_PTS_IS_VALID(buffer))
            shift_ = GST_CLOCK_DIFF(first_pts_, GST_BUFFER_PTS(buffer));
        if (GST_BUFFER_DTS_IS_VALID(buffer))
            first_dts_ = std::min<GstClockTimeDiff>(0, shifted(GST_BUFFER_DTS(buffer)));
    }
    if (GST_BUFFER_PTS_IS_VALID(buffer))
        GST_BUFFER_PTS(buffer) =
            static_cast<GstClockTime>(std::max<GstClockTimeDiff>(0, shifted(GST_BUFFER_PTS(buffer))));
    if (!GST_BUFFER_DTS_IS_VALID(buffer))
        return;
    GstClockTimeDiff dts = shifted(GST_BUFFER_DTS(buffer));
    const GstClockTimeDiff frame =
        GST_BUFFER_DURATION_IS_VALID(buffer) ? static_cast<GstClockTimeDiff>(GST_BUFFER_DURATION(buffer)) : 0;
    if (first_dts_ < 0 && dts < frame)
        dts = static_cast<GstClockTimeDiff>(
            gst_util_uint64_scale(static_cast<guint64>(std::max<GstClockTimeDiff>(0, dts - first_dts_)),
                                  static_cast<guint64>(frame), static_cast<guint64>(frame - first_dts_)));
    GST_BUFFER_DTS(buffer) = static_cast<GstClockTime>(std::max<GstClockTimeDiff>(0, dts));
}

std::optional<std::vector<std::uint8_t>> EncodedPad::tidied(std::span<const std::uint8_t> bytes) const
{
    if (row_.codec == "av1")
        return tidy_temporal_unit(bytes, av1_level_idx(level_).value_or(av1_no_level));
    if (row_.codec == "h264" || row_.codec == "h265")
        return without_clutter(bytes, row_.codec == "h264" ? NalCodec::h264 : NalCodec::h265);
    return std::nullopt;
}

void EncodedPad::on_encoded_buffer(GstPadProbeInfo *info)
{
    Owned<GstBuffer> buffer = adopt(gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info)));
    std::optional<std::vector<std::uint8_t>> tidy;
    if (MappedBuffer map(buffer.get()); map)
        tidy = tidied(map.bytes());
    if (tidy) {
        auto copy = adopt(gst_buffer_new_memdup(tidy->data(), tidy->size()));
        gst_buffer_copy_into(copy.get(), buffer.get(),
                             static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_METADATA), 0,
                             static_cast<gsize>(-1));
        buffer = std::move(copy);
    }
    restore_times(buffer.get());
    GST_PAD_PROBE_INFO_DATA(info) = buffer.release();
}

void EncodedPad::on_encoded_event(GstPadProbeInfo *info)
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    Owned<GstEvent> other;
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT && segment_) {
        other = adopt(gst_event_copy(segment_.get()));
        gst_event_set_seqnum(other.get(), gst_event_get_seqnum(event));
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS && row_.codec == "h264" && !level_.empty()) {
        other = with_level(event);
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS && row_.codec == "av1") {
        other = with_av1_configuration(event);
    }
    if (!other)
        return;
    gst_event_unref(event);
    GST_PAD_PROBE_INFO_DATA(info) = other.release();
}

Owned<GstEvent> EncodedPad::with_level(GstEvent *caps_event) const
{
    GstCaps *caps = nullptr;
    gst_event_parse_caps(caps_event, &caps);
    const GValue *value = gst_structure_get_value(gst_caps_get_structure(caps, 0), "codec_data");
    const auto level_idc = avc_level_idc(level_);
    if (!value || !GST_VALUE_HOLDS_BUFFER(value) || !level_idc)
        return nullptr;
    auto record = adopt(gst_buffer_copy_deep(gst_value_get_buffer(value)));
    {
        MappedBuffer map(record.get(), GST_MAP_READWRITE);
        if (!map || !set_avc_level(map.writable(), *level_idc))
            return nullptr;
    }
    auto levelled = adopt(gst_caps_copy(caps));
    gst_caps_set_simple(levelled.get(), "codec_data", GST_TYPE_BUFFER, record.get(), "level", G_TYPE_STRING,
                        level_.c_str(), nullptr);
    return adopt(gst_event_new_caps(levelled.get()));
}

Owned<GstEvent> EncodedPad::with_av1_configuration(GstEvent *caps_event) const
{
    GstCaps *caps = nullptr;
    gst_event_parse_caps(caps_event, &caps);
    const auto record = av1_configuration(av1_level_idx(level_).value_or(av1_no_level));
    const auto buffer = adopt(gst_buffer_new_memdup(record.data(), record.size()));
    const auto complete = adopt(gst_caps_copy(caps));
    gst_caps_set_simple(complete.get(), "codec_data", GST_TYPE_BUFFER, buffer.get(), "level", G_TYPE_STRING,
                        level_.c_str(), nullptr);
    return adopt(gst_event_new_caps(complete.get()));
}

} // namespace butaca::video
