// SPDX-License-Identifier: LGPL-2.1-or-later
// The probe runs on the demuxer's streaming thread.
#include "pipelines/demuxer.h"

namespace butaca::pipelines {

namespace {

GstPadProbeReturn caps_probe(GstPad *, GstPadProbeInfo *info, gpointer) noexcept
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    GstCaps *caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const GstStructure *told = gst_caps_get_structure(caps, 0);
    const bool speaks =
        gst_structure_has_name(told, "video/x-h264") || gst_structure_has_name(told, "video/x-h265");
    if (!speaks || !gst_structure_has_field(told, "colorimetry"))
        return GST_PAD_PROBE_OK;
    const auto ours = adopt(gst_caps_copy(caps));
    gst_structure_remove_field(gst_caps_get_structure(ours.get(), 0), "colorimetry");
    GstEvent *instead = gst_event_new_caps(ours.get());
    gst_event_set_seqnum(instead, gst_event_get_seqnum(event));
    gst_event_unref(event);
    GST_PAD_PROBE_INFO_DATA(info) = instead;
    return GST_PAD_PROBE_OK;
}

} // namespace

bool demuxed_by(const Run &run, const char *factory)
{
    GstElement *demuxer = run.element("demuxer");
    GstElementFactory *its = demuxer ? gst_element_get_factory(demuxer) : nullptr;
    return its && g_str_equal(GST_OBJECT_NAME(its), factory);
}

void leave_colours_to_the_stream(GstPad *pad)
{
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, caps_probe, nullptr, nullptr);
}

} // namespace butaca::pipelines
