// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/stream_time.h"

namespace butaca::pipelines {

GstClockTime stamp_of(const GstBuffer *buffer)
{
    return GST_BUFFER_PTS_IS_VALID(buffer) ? GST_BUFFER_PTS(buffer) : GST_BUFFER_DTS(buffer);
}

std::optional<std::int64_t> stream_time(const GstSegment *segment, const GstBuffer *buffer)
{
    const GstClockTime stamp = stamp_of(buffer);
    if (!segment || segment->format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID(stamp))
        return std::nullopt;
    guint64 time = 0;
    const int sign = gst_segment_to_stream_time_full(segment, GST_FORMAT_TIME, stamp, &time);
    if (sign == 0)
        return std::nullopt;
    return sign > 0 ? static_cast<std::int64_t>(time) : -static_cast<std::int64_t>(time);
}

const GstSegment *segment_at(GstPad *pad, Owned<GstEvent> &event)
{
    const GstSegment *segment = nullptr;
    event = adopt(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0));
    if (event)
        gst_event_parse_segment(event.get(), &segment);
    return segment;
}

} // namespace butaca::pipelines
