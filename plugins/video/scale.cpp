// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-butacascale
//
// Scales planar YUV to 8-bit 4:2:0 of limited range with zimg's bicubic filter, on the streaming thread.
// From HDR or wide gamuts to caps of BT.709 or BT.601 it maps the light as well (tone.h), up to the peak that
// content-light-level or mastering-display-info of its caps tell. What is transparent is shown over black.
// Frames that need no change pass untouched. Made for videotranscode, which tells it through caps what to
// make; other formats (RGB, semi-planar) go through videoconvert first. Why zimg: docs/decisions/scaler.md.
//
//  gst-launch-1.0 videotestsrc ! video/x-raw,format=I420 ! butacascale ! video/x-raw,width=854 ! fakesink
#include "plugins/video/scale.h"

#include <memory>

#include <gst/video/gstvideofilter.h>
#include <gst/video/video.h>

#include "plugins/video/conversion.h"
#include "plugins/video/zimg_graph.h"
#include "src/base/gst.h"

GST_DEBUG_CATEGORY_STATIC(butaca_scale_debug);
#define GST_CAT_DEFAULT butaca_scale_debug

using namespace butaca;

namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE("{ " BUTACA_SCALE_OPAQUE ", " BUTACA_SCALE_ALPHA " }")));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE("I420")));

struct State {
    std::unique_ptr<video::Conversion> conversion;
};

} // namespace

struct ButacaScale {
    GstVideoFilter parent;
    State *state;
};
struct ButacaScaleClass {
    GstVideoFilterClass parent;
};

static GType butaca_scale_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(ButacaScale, butaca_scale, GST_TYPE_VIDEO_FILTER)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(butacascale, "butacascale", GST_RANK_NONE, butaca_scale_get_type())

static ButacaScale *self_of(gpointer object) { return static_cast<ButacaScale *>(object); }

// Everything about the pixels may differ on the other side; only time stays.
static GstCaps *butaca_scale_transform_caps(GstBaseTransform *base, GstPadDirection direction, GstCaps *caps,
                                            GstCaps *filter)
{
    GstCaps *open = gst_caps_copy(caps);
    for (guint i = 0; i < gst_caps_get_size(open); i++)
        gst_structure_remove_fields(gst_caps_get_structure(open, i), "format", "width", "height",
                                    "pixel-aspect-ratio", "colorimetry", "chroma-site", nullptr);
    auto wide = adopt(open);
    auto pads = adopt(gst_pad_get_pad_template_caps(
        direction == GST_PAD_SINK ? GST_BASE_TRANSFORM_SRC_PAD(base) : GST_BASE_TRANSFORM_SINK_PAD(base)));
    auto result = adopt(gst_caps_intersect_full(wide.get(), pads.get(), GST_CAPS_INTERSECT_FIRST));
    if (filter)
        result = adopt(gst_caps_intersect_full(filter, result.get(), GST_CAPS_INTERSECT_FIRST));
    return result.release();
}

// What the other side leaves open stays as it is.
static GstCaps *butaca_scale_fixate_caps([[maybe_unused]] GstBaseTransform *base,
                                         [[maybe_unused]] GstPadDirection direction, GstCaps *caps,
                                         GstCaps *other)
{
    auto fixed = adopt(gst_caps_make_writable(gst_caps_truncate(other)));
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, caps))
        return gst_caps_fixate(fixed.release());
    GstStructure *s = gst_caps_get_structure(fixed.get(), 0);
    gst_structure_fixate_field_nearest_int(s, "width", info.width);
    gst_structure_fixate_field_nearest_int(s, "height", info.height);
    if (gst_structure_has_field(s, "pixel-aspect-ratio"))
        gst_structure_fixate_field_nearest_fraction(s, "pixel-aspect-ratio", info.par_n, info.par_d);
    else
        gst_structure_set(s, "pixel-aspect-ratio", GST_TYPE_FRACTION, info.par_n, info.par_d, nullptr);
    if (!gst_structure_has_field(s, "colorimetry")) {
        info.colorimetry.range = GST_VIDEO_COLOR_RANGE_16_235;
        const auto name = adopt(gst_video_colorimetry_to_string(&info.colorimetry));
        if (name)
            gst_structure_set(s, "colorimetry", G_TYPE_STRING, name.get(), nullptr);
    }
    return gst_caps_fixate(fixed.release());
}

static gboolean butaca_scale_set_info(GstVideoFilter *filter, GstCaps *in_caps, GstVideoInfo *in,
                                      [[maybe_unused]] GstCaps *out_caps, GstVideoInfo *out)
{
    const bool same = GST_VIDEO_INFO_FORMAT(in) == GST_VIDEO_INFO_FORMAT(out) && in->width == out->width &&
                      in->height == out->height && in->colorimetry.range == out->colorimetry.range &&
                      in->chroma_site == out->chroma_site &&
                      video::is_wide(in->colorimetry) == video::is_wide(out->colorimetry);
    State &state = *self_of(filter)->state;
    state.conversion.reset();
    if (!same) {
        std::string why;
        state.conversion = video::Conversion::make(*in, *out, video::peak_nits_of(in_caps), why);
        if (!state.conversion) {
            GST_ELEMENT_ERROR(filter, STREAM, FORMAT, ("This picture size or format cannot be scaled."),
                              ("%s", why.c_str()));
            return FALSE;
        }
    }
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(filter), same);
    return TRUE;
}

static GstFlowReturn butaca_scale_transform_frame(GstVideoFilter *filter, GstVideoFrame *in,
                                                  GstVideoFrame *out)
{
    State &state = *self_of(filter)->state;
    if (!state.conversion || !state.conversion->process(*in, *out)) {
        GST_ELEMENT_ERROR(filter, STREAM, FAILED, ("A picture could not be scaled."), (nullptr));
        return GST_FLOW_ERROR;
    }
    return GST_FLOW_OK;
}

static void butaca_scale_finalize(GObject *object)
{
    delete self_of(object)->state;
    G_OBJECT_CLASS(butaca_scale_parent_class)->finalize(object);
}

static void butaca_scale_init(ButacaScale *self) { self->state = new State; }

static void butaca_scale_class_init(ButacaScaleClass *klass)
{
    GST_DEBUG_CATEGORY_INIT(butaca_scale_debug, "butacascale", 0, "Butaca's scaler");
    G_OBJECT_CLASS(klass)->finalize = butaca_scale_finalize;
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "Scaler", "Filter/Converter/Video/Scaler",
                                          "Scales planar YUV with zimg (bicubic)", "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    GstBaseTransformClass *base = GST_BASE_TRANSFORM_CLASS(klass);
    base->transform_caps = butaca_scale_transform_caps;
    base->fixate_caps = butaca_scale_fixate_caps;
    base->passthrough_on_same_caps = TRUE;
    GstVideoFilterClass *filter = GST_VIDEO_FILTER_CLASS(klass);
    filter->set_info = butaca_scale_set_info;
    filter->transform_frame = butaca_scale_transform_frame;
}
