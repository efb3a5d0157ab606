// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * subtitleburn draws subtitles into decoded pictures: text with the styles of an ASS script, shaped for its
 * language, or pictures as discs have them. Cues are looked up by the stream time of each picture, so a jump
 * into the middle of one shows it, and a picture's pixels depend on its own time alone. Pictures that show no
 * subtitle pass untouched.
 *
 *     gst-launch-1.0 videotestsrc ! video/x-raw,format=I420,width=640,height=360 ! subtitleburn
 * location=film.ass ! \ videoconvert ! autovideosink
 */
#include "plugins/subtitle/burn.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gst/video/gstvideofilter.h>
#include <gst/video/video.h>

#include "plugins/subtitle/blend.h"
#include "plugins/subtitle/pictures.h"
#include "plugins/subtitle/script.h"
#include "src/base/gst.h"

GST_DEBUG_CATEGORY_STATIC(subtitle_burn_debug);
#define GST_CAT_DEFAULT subtitle_burn_debug

using namespace butaca;
using namespace butaca::subtitle;

namespace {

constexpr gsize script_bytes_most = gsize{48} << 20;
constexpr int side_most = 8192;

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(BUTACA_BURN_FORMATS)));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(BUTACA_BURN_FORMATS)));

enum { prop_0, prop_script, prop_location, prop_pictures, prop_time_offset, prop_renderer_version };

struct VariantUnref {
    void operator()(GVariant *value) const noexcept { g_variant_unref(value); }
};

struct State {
    // What is asked for; guarded by the object's lock, and read when the size of the pictures becomes known.
    std::string script;
    std::string location;
    std::unique_ptr<GVariant, VariantUnref> pictures;
    std::int64_t time_offset_ns = 0;

    // Of the streaming thread.
    std::unique_ptr<Script> drawn;
    std::vector<Placed> placed;
    std::unique_ptr<Colours> colours;
    const ASS_Image *images = nullptr; // for the picture that is under way
    std::int64_t time_ns = 0;
};

} // namespace

struct SubtitleBurn {
    GstVideoFilter parent;
    State *state;
};
struct SubtitleBurnClass {
    GstVideoFilterClass parent;
};

static GType subtitle_burn_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(SubtitleBurn, subtitle_burn, GST_TYPE_VIDEO_FILTER)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(subtitleburn, "subtitleburn", GST_RANK_NONE, subtitle_burn_get_type())

static SubtitleBurn *self_of(gpointer object) { return static_cast<SubtitleBurn *>(object); }

// The script that is to be drawn; false when there is one that cannot be read.
static bool script_text(SubtitleBurn *self, std::string &text)
{
    GST_OBJECT_LOCK(self);
    text = self->state->script;
    const std::string location = text.empty() ? self->state->location : "";
    GST_OBJECT_UNLOCK(self);
    if (location.empty())
        return true;
    char *bytes = nullptr;
    gsize size = 0;
    Owned<GError> error;
    if (!g_file_get_contents(location.c_str(), &bytes, &size, Out(error))) {
        GST_ELEMENT_ERROR(self, RESOURCE, READ, ("The subtitles cannot be read."), ("%s", error->message));
        return false;
    }
    const auto owned = adopt(bytes);
    text.assign(bytes, size);
    return true;
}

static gboolean subtitle_burn_set_info(GstVideoFilter *filter, GstCaps *, GstVideoInfo *in, GstCaps *,
                                       GstVideoInfo *)
{
    SubtitleBurn *self = self_of(filter);
    State &state = *self->state;
    state.drawn.reset();
    state.placed.clear();
    state.images = nullptr;
    if (in->width > side_most || in->height > side_most) {
        GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("This picture is too large to draw subtitles into."),
                          ("%d x %d", in->width, in->height));
        return FALSE;
    }
    std::string text;
    if (!script_text(self, text))
        return FALSE;
    if (text.size() > script_bytes_most) {
        GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("There are too many subtitles at once."),
                          ("a script of %zu bytes", text.size()));
        return FALSE;
    }
    state.colours = std::make_unique<Colours>(*in);
    if (!text.empty()) {
        state.drawn = Script::make(text, in->width, in->height, static_cast<double>(in->par_n) / in->par_d);
        if (!state.drawn) {
            GST_ELEMENT_ERROR(self, STREAM, DECODE, ("The subtitles are no script that can be drawn."),
                              (nullptr));
            return FALSE;
        }
    }
    GST_OBJECT_LOCK(self);
    if (state.pictures)
        state.placed = placed_pictures(state.pictures.get(), in->width, in->height);
    GST_OBJECT_UNLOCK(self);
    return TRUE;
}

// Decides whether there is anything to draw, before a buffer is copied to be written into.
static void subtitle_burn_before_transform(GstBaseTransform *base, GstBuffer *buffer)
{
    SubtitleBurn *self = self_of(base);
    State &state = *self->state;
    state.images = nullptr;
    bool any = false;
    if (GST_BUFFER_PTS_IS_VALID(buffer) && base->segment.format == GST_FORMAT_TIME) {
        guint64 time = 0;
        const int sign =
            gst_segment_to_stream_time_full(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer), &time);
        GST_OBJECT_LOCK(self);
        state.time_ns = sign * static_cast<std::int64_t>(time) + state.time_offset_ns;
        GST_OBJECT_UNLOCK(self);
        if (state.drawn)
            state.images = state.drawn->at(state.time_ns / 1'000'000);
        any = state.images ||
              std::any_of(state.placed.begin(), state.placed.end(), [&state](const Placed &picture) {
                  return picture.start_ns <= state.time_ns && state.time_ns < picture.end_ns;
              });
    }
    gst_base_transform_set_passthrough(base, !any);
}

static GstFlowReturn subtitle_burn_transform_frame_ip(GstVideoFilter *filter, GstVideoFrame *frame)
{
    State &state = *self_of(filter)->state;
    for (const Placed &picture : state.placed)
        if (picture.start_ns <= state.time_ns && state.time_ns < picture.end_ns)
            blend_picture(*frame, picture.place, picture.rgba, *state.colours);
    for (const ASS_Image *image = state.images; image; image = image->next) {
        auto byte = [image](int shift) { return static_cast<std::uint8_t>(image->color >> shift & 0xff); };
        if (image->w > 0 && image->h > 0)
            blend_mask(*frame, {image->dst_x, image->dst_y, image->w, image->h}, image->bitmap,
                       static_cast<std::size_t>(image->stride),
                       state.colours->yuv(byte(24), byte(16), byte(8)), 255U - byte(0));
    }
    return GST_FLOW_OK;
}

static void subtitle_burn_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    SubtitleBurn *self = self_of(object);
    State &state = *self->state;
    auto text_of = [value] {
        const char *text = g_value_get_string(value);
        return std::string(text ? text : "");
    };
    GST_OBJECT_LOCK(self);
    bool known = true;
    switch (id) {
    case prop_script:
        state.script = text_of();
        break;
    case prop_location:
        state.location = text_of();
        break;
    case prop_pictures:
        state.pictures.reset(g_value_dup_variant(value));
        break;
    case prop_time_offset:
        state.time_offset_ns = g_value_get_int64(value);
        break;
    default:
        known = false;
    }
    GST_OBJECT_UNLOCK(self);
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void subtitle_burn_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    SubtitleBurn *self = self_of(object);
    State &state = *self->state;
    GST_OBJECT_LOCK(self);
    bool known = true;
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
    case prop_time_offset:
        g_value_set_int64(value, state.time_offset_ns);
        break;
    case prop_renderer_version:
        g_value_set_string(value, Script::renderer_version().c_str());
        break;
    default:
        known = false;
    }
    GST_OBJECT_UNLOCK(self);
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void subtitle_burn_finalize(GObject *object)
{
    delete self_of(object)->state;
    G_OBJECT_CLASS(subtitle_burn_parent_class)->finalize(object);
}

static void subtitle_burn_init(SubtitleBurn *self) { self->state = new State; }

static void install_properties(GObjectClass *object)
{
    constexpr auto read_write = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    constexpr auto read_only = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(
        object, prop_script,
        g_param_spec_string("script", "Script",
                            "An ASS script in UTF-8, with the fonts it brings; set before the stream begins",
                            nullptr, read_write));
    g_object_class_install_property(object, prop_location,
                                    g_param_spec_string("location", "Location",
                                                        "A file with an ASS script, where `script` is empty",
                                                        nullptr, read_write));
    g_object_class_install_property(
        object, prop_pictures,
        g_param_spec_variant(
            "pictures", "Pictures",
            "Subtitles that are pictures, each (start ns, end ns, canvas width, canvas height, "
            "[(x, y, width, height, RGBA)])",
            G_VARIANT_TYPE("a(xxuua(uuuuay))"), nullptr, read_write));
    g_object_class_install_property(object, prop_time_offset,
                                    g_param_spec_int64("time-offset-ns", "Time offset",
                                                       "Added to a picture's stream time to get the script's",
                                                       G_MININT64 / 2, G_MAXINT64 / 2, 0, read_write));
    g_object_class_install_property(object, prop_renderer_version,
                                    g_param_spec_string("renderer-version", "Renderer's version",
                                                        "What draws, and the font that it falls back on",
                                                        nullptr, read_only));
}

static void subtitle_burn_class_init(SubtitleBurnClass *klass)
{
    GST_DEBUG_CATEGORY_INIT(subtitle_burn_debug, "subtitleburn", 0, "Butaca's subtitles in pictures");
    GObjectClass *object = G_OBJECT_CLASS(klass);
    object->set_property = subtitle_burn_set_property;
    object->get_property = subtitle_burn_get_property;
    object->finalize = subtitle_burn_finalize;
    install_properties(object);
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "Subtitle burner", "Filter/Editor/Video",
                                          "Draws subtitles into pictures, by their time alone",
                                          "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    GstBaseTransformClass *base = GST_BASE_TRANSFORM_CLASS(klass);
    base->before_transform = subtitle_burn_before_transform;
    base->transform_ip_on_passthrough = FALSE;
    GstVideoFilterClass *filter = GST_VIDEO_FILTER_CLASS(klass);
    filter->set_info = subtitle_burn_set_info;
    filter->transform_frame_ip = subtitle_burn_transform_frame_ip;
}
