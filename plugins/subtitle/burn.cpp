// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-subtitleburn
//
// Draws subtitles into decoded video, in place where a buffer is writable: an ASS script with libass, or
// pictures. What a frame shows depends on its stream time and the script alone, so a jump into a cue shows
// it. Frames with nothing to show pass untouched. Scale before it, not after.
//
//  gst-launch-1.0 videotestsrc ! video/x-raw,width=1280,height=720 ! subtitleburn location=film.ass !
//  autovideosink
#include "plugins/subtitle/burn.h"

#include <cstring>
#include <string>

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "plugins/subtitle/burn_state.h"
#include "plugins/subtitle/fonts.h"
#include "src/base/gst.h"

GST_DEBUG_CATEGORY_STATIC(subtitle_burn_debug);
#define GST_CAT_DEFAULT subtitle_burn_debug

using namespace butaca;

namespace {

constexpr int side_most = 8192;

#define BUTACA_BURN_CAPS                                                                                     \
    "video/x-raw, format = (string) " BUTACA_BURN_FORMATS                                                    \
    ", width = (int) [ 1, 8192 ], height = (int) [ 1, 8192 ], framerate = (fraction) [ 0, MAX ]"

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(BUTACA_BURN_CAPS));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(BUTACA_BURN_CAPS));

enum Property : guint {
    prop_script = 1,
    prop_location,
    prop_pictures,
    prop_time_offset_ns,
    prop_renderer_version,
};

struct VariantUnref {
    void operator()(GVariant *value) const { g_variant_unref(value); }
};
using Variant = std::unique_ptr<GVariant, VariantUnref>;

struct State {
    // Under the object's lock.
    std::string script, location;
    Variant pictures;
    gint64 time_offset_ns = 0;
    bool changed = true; // since the streaming thread took them

    // Of the streaming thread.
    subtitle::BurnState burn;
    GstVideoInfo info{};
    bool shows = false; // the buffer at hand
};

} // namespace

struct SubtitleBurn {
    GstBaseTransform parent;
    State *state;
};
struct SubtitleBurnClass {
    GstBaseTransformClass parent;
};

static GType subtitle_burn_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(SubtitleBurn, subtitle_burn, GST_TYPE_BASE_TRANSFORM)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(subtitleburn, "subtitleburn", GST_RANK_NONE, subtitle_burn_get_type())

static State &state_of(gpointer object) { return *static_cast<SubtitleBurn *>(object)->state; }

static gboolean subtitle_burn_set_caps(GstBaseTransform *base, GstCaps *in, [[maybe_unused]] GstCaps *out)
{
    State &state = state_of(base);
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, in) || info.width > side_most || info.height > side_most) {
        GST_ELEMENT_ERROR(base, STREAM, FORMAT, ("This picture size or format cannot have subtitles."),
                          ("%" GST_PTR_FORMAT, static_cast<void *>(in)));
        return FALSE;
    }
    state.info = info;
    state.burn.set_frame(info);
    return TRUE;
}

// Takes over what was set. False after an error was posted.
static bool subtitle_burn_reload(GstBaseTransform *base)
{
    State &state = state_of(base);
    std::string script, location, why;
    Variant pictures;
    GST_OBJECT_LOCK(base);
    const bool changed = state.changed;
    if (changed) {
        state.changed = false;
        script = state.script;
        location = state.location;
        if (state.pictures)
            pictures.reset(g_variant_ref(state.pictures.get()));
    }
    GST_OBJECT_UNLOCK(base);
    if (!changed)
        return true;
    if (script.empty() && !location.empty()) {
        const auto mapped = adopt(g_mapped_file_new(location.c_str(), FALSE, nullptr));
        if (!mapped || g_mapped_file_get_length(mapped.get()) > subtitle::script_bytes_most) {
            GST_ELEMENT_ERROR(base, RESOURCE, READ, ("The subtitles cannot be read."),
                              ("%s", location.c_str()));
            return false;
        }
        if (const char *bytes = g_mapped_file_get_contents(mapped.get()))
            script.assign(bytes, g_mapped_file_get_length(mapped.get()));
    }
    if (state.burn.load(script, pictures.get(), why))
        return true;
    GST_ELEMENT_ERROR(base, STREAM, DECODE, ("The subtitles cannot be drawn."), ("%s", why.c_str()));
    return false;
}

// Decides here whether anything shows: if not, the buffer goes on as it is, also one that nobody may write
// to.
static GstFlowReturn subtitle_burn_prepare_output_buffer(GstBaseTransform *base, GstBuffer *in,
                                                         GstBuffer **out)
{
    State &state = state_of(base);
    if (!subtitle_burn_reload(base))
        return GST_FLOW_ERROR;
    GST_OBJECT_LOCK(base);
    const gint64 offset = state.time_offset_ns;
    GST_OBJECT_UNLOCK(base);
    state.shows = false;
    guint64 time = 0;
    gint64 sum = 0;
    if (GST_BUFFER_PTS_IS_VALID(in) && base->segment.format == GST_FORMAT_TIME) {
        const int sign =
            gst_segment_to_stream_time_full(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(in), &time);
        // Bounded, so that no time that a file claims overflows.
        if (sign != 0 && time < G_MAXINT64 / 2) {
            sum = (sign < 0 ? -static_cast<gint64>(time) : static_cast<gint64>(time)) + offset;
            state.shows = state.burn.prepare(sum);
        }
    }
    if (const std::string complaint = state.burn.take_complaint(); !complaint.empty())
        GST_ELEMENT_WARNING(base, RESOURCE, NOT_FOUND, ("A font for the subtitles is missing."),
                            ("%s", complaint.c_str()));
    if (!state.shows) {
        *out = in;
        return GST_FLOW_OK;
    }
    return GST_BASE_TRANSFORM_CLASS(subtitle_burn_parent_class)->prepare_output_buffer(base, in, out);
}

static GstFlowReturn subtitle_burn_transform_ip(GstBaseTransform *base, GstBuffer *buffer)
{
    State &state = state_of(base);
    if (!state.shows)
        return GST_FLOW_OK;
    GstVideoFrame frame;
    constexpr auto how =
        static_cast<GstMapFlags>(int{GST_MAP_READWRITE} | int{GST_VIDEO_FRAME_MAP_FLAG_NO_REF});
    if (!gst_video_frame_map(&frame, &state.info, buffer, how)) {
        GST_ELEMENT_ERROR(base, STREAM, FAILED, ("A picture could not be read."), (nullptr));
        return GST_FLOW_ERROR;
    }
    state.burn.blend(frame);
    gst_video_frame_unmap(&frame);
    return GST_FLOW_OK;
}

// Any stride will do; who makes the frames need not copy them for us.
static gboolean subtitle_burn_propose_allocation(GstBaseTransform *base, GstQuery *decided, GstQuery *query)
{
    if (!GST_BASE_TRANSFORM_CLASS(subtitle_burn_parent_class)->propose_allocation(base, decided, query))
        return FALSE;
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
    return TRUE;
}

static void subtitle_burn_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    State &state = state_of(object);
    const char *text = G_VALUE_HOLDS_STRING(value) ? g_value_get_string(value) : nullptr;
    GST_OBJECT_LOCK(object);
    state.changed = state.changed || id != prop_time_offset_ns;
    switch (id) {
    case prop_script:
        state.script = text ? text : "";
        break;
    case prop_location:
        state.location = text ? text : "";
        break;
    case prop_pictures:
        state.pictures.reset(g_value_dup_variant(value));
        break;
    case prop_time_offset_ns:
        state.time_offset_ns = g_value_get_int64(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(object);
}

static void subtitle_burn_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == prop_renderer_version) { // loads things: not under the lock
        g_value_set_string(value, subtitle::renderer_version().c_str());
        return;
    }
    State &state = state_of(object);
    GST_OBJECT_LOCK(object);
    switch (id) {
    case prop_script:
        g_value_set_string(value, state.script.c_str());
        break;
    case prop_location:
        g_value_set_string(value, state.location.c_str());
        break;
    case prop_pictures:
        g_value_set_variant(value, state.pictures.get());
        break;
    case prop_time_offset_ns:
        g_value_set_int64(value, state.time_offset_ns);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(object);
}

static void subtitle_burn_finalize(GObject *object)
{
    delete &state_of(object);
    G_OBJECT_CLASS(subtitle_burn_parent_class)->finalize(object);
}

static void subtitle_burn_init(SubtitleBurn *self)
{
    self->state = new State;
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void subtitle_burn_install_properties(GObjectClass *object)
{
    constexpr auto flags =
        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
    g_object_class_install_property(
        object, prop_script,
        g_param_spec_string(
            "script", "Script",
            "A whole ASS document in UTF-8, at most 48 MiB (takes effect with the next frame)", "", flags));
    g_object_class_install_property(
        object, prop_location,
        g_param_spec_string(
            "location", "Location",
            "Path of an ASS file, used when script is empty (takes effect with the next frame)", "", flags));
    g_object_class_install_property(
        object, prop_pictures,
        g_param_spec_variant(
            "pictures", "Pictures",
            "Cues that are pictures: start ns, end ns, canvas width, canvas height, then x, y, "
            "width, height, RGBA not premultiplied (takes effect with the next frame)",
            G_VARIANT_TYPE(BUTACA_PICTURES_TYPE), nullptr, flags));
    g_object_class_install_property(
        object, prop_time_offset_ns,
        g_param_spec_int64(
            "time-offset-ns", "Time offset",
            "Added to a frame's stream time to get the subtitles' time, in ns (takes effect with "
            "the next frame)",
            -G_MAXINT64 / 4, G_MAXINT64 / 4, 0, flags));
    g_object_class_install_property(
        object, prop_renderer_version,
        g_param_spec_string("renderer-version", "Renderer version",
                            "Names the code and the fonts that the pictures depend on", nullptr,
                            static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void subtitle_burn_class_init(SubtitleBurnClass *klass)
{
    GST_DEBUG_CATEGORY_INIT(subtitle_burn_debug, "subtitleburn", 0, "Butaca's subtitles in pictures");
    GObjectClass *object = G_OBJECT_CLASS(klass);
    object->finalize = subtitle_burn_finalize;
    object->set_property = subtitle_burn_set_property;
    object->get_property = subtitle_burn_get_property;
    subtitle_burn_install_properties(object);
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "Subtitle burner", "Filter/Editor/Video",
                                          "Draws ASS subtitles (libass) or pictures into video",
                                          "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    GstBaseTransformClass *base = GST_BASE_TRANSFORM_CLASS(klass);
    base->set_caps = subtitle_burn_set_caps;
    base->prepare_output_buffer = subtitle_burn_prepare_output_buffer;
    base->transform_ip = subtitle_burn_transform_ip;
    base->propose_allocation = subtitle_burn_propose_allocation;
}
