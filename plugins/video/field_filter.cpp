// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-butacafield
//
// One picture out for each buffer in, on the streaming thread and from that buffer alone. A buffer with the
// flag ONEFIELD is shown as that field, the top one if it has TFF as well; all others as they are. Whoever
// wants full motion sends each interlaced frame twice, once for each field in their order. Without those
// flags it does nothing but call pictures progressive:
//
//  gst-launch-1.0 videotestsrc ! video/x-raw,format=I420,interlace-mode=interleaved ! butacafield ! fakesink
#include "plugins/video/field_filter.h"

#include <gst/video/gstvideofilter.h>
#include <gst/video/video.h>

#include "plugins/video/field.h"
#include "src/base/gst.h"

using namespace butaca;

namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(BUTACA_FIELD_FORMATS)));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(BUTACA_FIELD_FORMATS)));

constexpr auto field_flags = GST_VIDEO_BUFFER_FLAG_INTERLACED | GST_VIDEO_BUFFER_FLAG_TFF |
                             GST_VIDEO_BUFFER_FLAG_RFF | GST_VIDEO_BUFFER_FLAG_ONEFIELD;

} // namespace

struct ButacaField {
    GstVideoFilter parent;
};
struct ButacaFieldClass {
    GstVideoFilterClass parent;
};

static GType butaca_field_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(ButacaField, butaca_field, GST_TYPE_VIDEO_FILTER)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(butacafield, "butacafield", GST_RANK_NONE, butaca_field_get_type())

// Out is progressive; what comes in may be anything.
static GstCaps *butaca_field_transform_caps([[maybe_unused]] GstBaseTransform *base,
                                            GstPadDirection direction, GstCaps *caps, GstCaps *filter)
{
    auto open = adopt(gst_caps_copy(caps));
    for (guint i = 0; i < gst_caps_get_size(open.get()); i++) {
        GstStructure *s = gst_caps_get_structure(open.get(), i);
        gst_structure_remove_fields(s, "interlace-mode", "field-order", nullptr);
        if (direction == GST_PAD_SINK)
            gst_structure_set(s, "interlace-mode", G_TYPE_STRING, "progressive", nullptr);
    }
    if (filter)
        open = adopt(gst_caps_intersect_full(filter, open.get(), GST_CAPS_INTERSECT_FIRST));
    return open.release();
}

static GstFlowReturn butaca_field_transform_frame([[maybe_unused]] GstVideoFilter *filter, GstVideoFrame *in,
                                                  GstVideoFrame *out)
{
    if (GST_BUFFER_FLAG_IS_SET(in->buffer, GST_VIDEO_BUFFER_FLAG_ONEFIELD))
        video::show_field(*in, *out, GST_BUFFER_FLAG_IS_SET(in->buffer, GST_VIDEO_BUFFER_FLAG_TFF));
    else if (!gst_video_frame_copy(out, in))
        return GST_FLOW_ERROR;
    GST_BUFFER_FLAG_UNSET(out->buffer, field_flags);
    return GST_FLOW_OK;
}

static void butaca_field_init([[maybe_unused]] ButacaField *self) {}

static void butaca_field_class_init(ButacaFieldClass *klass)
{
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "Field", "Filter/Effect/Video/Deinterlace",
                                          "Shows one field of an interlaced frame as a picture",
                                          "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    GST_BASE_TRANSFORM_CLASS(klass)->transform_caps = butaca_field_transform_caps;
    GST_VIDEO_FILTER_CLASS(klass)->transform_frame = butaca_field_transform_frame;
}
