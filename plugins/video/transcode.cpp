// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-videotranscode
//
// Takes decoded video of any format and gives it encoded, in the size, quality and codec asked for, ready for
// an MP4 muxer:
//
//  gst-launch-1.0 filesrc location=a.mp4 ! decodebin ! videotranscode ! mp4mux ! filesink location=b.mp4
//
// The same frames into a fresh element always make the same bytes: no scene cuts, closed GOPs, one encoder
// thread, no rate control state from elsewhere. So a film may be cut into segments, and each made alone, in
// any order, on any machine that reports the same `encoder-version`. Presentation times leave as they came
// in; see EncodedPad for decode times.
//
//   videoconvert ! videorate (only with a frame rate) ! filter ! butacascale ! filter ! ENCODER ! filter !
//   PARSER ! filter
#include "plugins/video/transcode.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gst/video/video.h>

#include "plugins/codec/library.h"
#include "plugins/video/encoded_pad.h"
#include "plugins/video/encoder_table.h"
#include "plugins/video/nal.h"
#include "plugins/video/picture.h"
#include "src/base/gst.h"

GST_DEBUG_CATEGORY_STATIC(butaca_transcode_debug);
#define GST_CAT_DEFAULT butaca_transcode_debug

using namespace butaca;
using namespace butaca::video;

namespace {

enum Property : guint {
    prop_codec = 1,
    prop_width,
    prop_height,
    prop_frame_rate,
    prop_constant_quality,
    prop_max_bitrate_bps,
    prop_buffer_ms,
    prop_level,
    prop_profile,
    prop_speed,
    prop_threads,
    prop_gop_frames,
    prop_encoder,
    prop_active_encoder,
    prop_encoder_version,
};

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS(
        "video/x-h264,stream-format=avc,alignment=au; video/x-h265,stream-format=hvc1,alignment=au;"
        "video/x-vp9; video/x-av1,stream-format=obu-stream,alignment=tu"));

// `wish` and the four numbers are guarded by the object lock; the rest belongs to state changes and, while
// data flows, to the streaming thread.
struct State {
    Wish wish;
    int width = 0, height = 0, rate_n = 0, rate_d = 1;

    GstPad *sink = nullptr, *src = nullptr; // our ghost pads, owned by the element
    std::vector<GstElement *> chain;        // owned by the bin
    GstElement *before_scale = nullptr, *after_scale = nullptr;
    std::unique_ptr<EncodedPad> encoded;
};

} // namespace

struct ButacaVideoTranscode {
    GstBin parent;
    State *state;
};
struct ButacaVideoTranscodeClass {
    GstBinClass parent;
};

static GType butaca_video_transcode_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(ButacaVideoTranscode, butaca_video_transcode, GST_TYPE_BIN)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(videotranscode, "videotranscode", GST_RANK_NONE,
                            butaca_video_transcode_get_type())

static ButacaVideoTranscode *self_of(gpointer object) { return static_cast<ButacaVideoTranscode *>(object); }

// Runs when caps reach the bin and before they reach any child: only now is the size of the picture known.
static GstPadProbeReturn on_sink_event([[maybe_unused]] GstPad *pad, GstPadProbeInfo *info,
                                       gpointer object) noexcept
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    ButacaVideoTranscode *self = self_of(object);
    State &state = *self->state;
    GstCaps *caps = nullptr;
    gst_event_parse_caps(event, &caps);
    GstVideoInfo picture;
    if (!state.before_scale || !gst_video_info_from_caps(&picture, caps))
        return GST_PAD_PROBE_OK;
    GST_OBJECT_LOCK(self);
    const Size size = output_size(picture, state.width, state.height);
    const int rate_n = state.rate_n, rate_d = state.rate_d;
    GST_OBJECT_UNLOCK(self);
    const auto before = scaler_input_caps(picture, rate_n, rate_d);
    const auto after = encoder_input_caps(picture, size);
    GST_INFO_OBJECT(self, "from %" GST_PTR_FORMAT " to %" GST_PTR_FORMAT, static_cast<void *>(caps),
                    static_cast<void *>(after.get()));
    g_object_set(state.before_scale, "caps", before.get(), nullptr);
    g_object_set(state.after_scale, "caps", after.get(), nullptr);
    return GST_PAD_PROBE_OK;
}

// Adds one child to the end of the chain; null when it is not installed (a message says so).
static GstElement *append(ButacaVideoTranscode *self, const char *factory)
{
    GstElement *child = codec::make_child(GST_ELEMENT(self), factory);
    if (!child)
        return nullptr;
    gst_bin_add(GST_BIN(self), child);
    std::vector<GstElement *> &chain = self->state->chain;
    if (!chain.empty() && !gst_element_link(chain.back(), child))
        GST_ERROR_OBJECT(self, "%s does not link", factory);
    chain.push_back(child);
    return child;
}

static GstElement *append_filter(ButacaVideoTranscode *self, const std::string &caps_text)
{
    GstElement *filter = append(self, "capsfilter");
    if (!filter || caps_text.empty())
        return filter;
    const auto caps = adopt(gst_caps_from_string(caps_text.c_str()));
    g_object_set(filter, "caps", caps.get(), nullptr);
    return filter;
}

// profile and level come from outside: quoted, so that they cannot smuggle in other fields.
static std::string with_field(std::string caps, const char *name, const std::string &value)
{
    if (value.empty())
        return caps;
    const auto quoted = adopt(g_strescape(value.c_str(), nullptr));
    return std::move(caps) + "," + name + "=(string)\"" + quoted.get() + "\"";
}

static void tear_down(ButacaVideoTranscode *self)
{
    State &state = *self->state;
    gst_ghost_pad_set_target(GST_GHOST_PAD(state.sink), nullptr);
    gst_ghost_pad_set_target(GST_GHOST_PAD(state.src), nullptr);
    state.before_scale = state.after_scale = nullptr;
    for (GstElement *child : state.chain) {
        gst_element_set_state(child, GST_STATE_NULL);
        gst_bin_remove(GST_BIN(self), child);
    }
    state.chain.clear();
    state.encoded.reset();
}

static bool append_encoder(ButacaVideoTranscode *self, const Encoder &row, const Wish &wish)
{
    std::string caps = row.encoder_caps;
    if (row.caps_carry_profile)
        caps = with_field(std::move(caps), "profile", wish.profile);
    if (row.caps_carry_level)
        caps = with_field(std::move(caps), "level", wish.level);
    GstElement *encoder = append(self, row.factory);
    if (!encoder)
        return false;
    for (const auto &[property, value] : settings_for(row, wish))
        codec::set_from_text(encoder, property, value);
    if (!append_filter(self, caps) ||
        (row.parser && (!append(self, row.parser) || !append_filter(self, row.caps))))
        return false;
    State &state = *self->state;
    state.encoded = std::make_unique<EncodedPad>(row, wish, encoder, state.chain.back());
    return true;
}

static bool build(ButacaVideoTranscode *self)
{
    State &state = *self->state;
    GST_OBJECT_LOCK(self);
    const Wish wish = state.wish;
    const bool changes_rate = state.rate_n > 0;
    GST_OBJECT_UNLOCK(self);
    const Encoder *row = choose(wish, codec::is_installed);
    if (!row) {
        GST_ELEMENT_ERROR(self, CORE, MISSING_PLUGIN,
                          ("No encoder for \"%s\" is installed.", wish.codec.c_str()),
                          ("encoder asked for: \"%s\"", wish.encoder.c_str()));
        return false;
    }
    if (row->codec == "h264" && !wish.level.empty() && !avc_level_idc(wish.level)) {
        GST_ELEMENT_ERROR(self, LIBRARY, SETTINGS, ("There is no H.264 level \"%s\".", wish.level.c_str()),
                          (nullptr));
        return false;
    }
    const bool built = append(self, "videoconvert") && (!changes_rate || append(self, "videorate")) &&
                       (state.before_scale = append_filter(self, {})) && append(self, "butacascale") &&
                       (state.after_scale = append_filter(self, {})) && append_encoder(self, *row, wish);
    if (!built)
        return false;
    const auto in = adopt(gst_element_get_static_pad(state.chain.front(), "sink"));
    const auto out = adopt(gst_element_get_static_pad(state.chain.back(), "src"));
    return gst_ghost_pad_set_target(GST_GHOST_PAD(state.sink), in.get()) &&
           gst_ghost_pad_set_target(GST_GHOST_PAD(state.src), out.get());
}

static GstStateChangeReturn butaca_video_transcode_change_state(GstElement *element, GstStateChange change)
{
    ButacaVideoTranscode *self = self_of(element);
    if (change == GST_STATE_CHANGE_NULL_TO_READY && !build(self)) {
        tear_down(self);
        return GST_STATE_CHANGE_FAILURE;
    }
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(butaca_video_transcode_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_READY_TO_NULL ||
        (change == GST_STATE_CHANGE_NULL_TO_READY && result == GST_STATE_CHANGE_FAILURE))
        tear_down(self);
    return result;
}

static void butaca_video_transcode_set_property(GObject *object, guint id, const GValue *value,
                                                GParamSpec *spec)
{
    State &state = *self_of(object)->state;
    const auto text = [value] {
        return std::string(g_value_get_string(value) ? g_value_get_string(value) : "");
    };
    GST_OBJECT_LOCK(object);
    switch (id) {
    case prop_codec:
        state.wish.codec = text();
        break;
    case prop_encoder:
        state.wish.encoder = text();
        break;
    case prop_profile:
        state.wish.profile = text();
        break;
    case prop_level:
        state.wish.level = text();
        break;
    case prop_speed:
        state.wish.speed = text();
        break;
    case prop_width:
        state.width = g_value_get_int(value);
        break;
    case prop_height:
        state.height = g_value_get_int(value);
        break;
    case prop_frame_rate:
        state.rate_n = gst_value_get_fraction_numerator(value);
        state.rate_d = gst_value_get_fraction_denominator(value);
        break;
    case prop_constant_quality:
        state.wish.constant_quality = g_value_get_int(value);
        break;
    case prop_max_bitrate_bps:
        state.wish.max_bitrate_bps = g_value_get_uint64(value);
        break;
    case prop_buffer_ms:
        state.wish.buffer_ms = g_value_get_uint(value);
        break;
    case prop_threads:
        state.wish.threads = g_value_get_uint(value);
        break;
    case prop_gop_frames:
        state.wish.gop_frames = g_value_get_uint(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(object);
}

static void butaca_video_transcode_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    State &state = *self_of(object)->state;
    GST_OBJECT_LOCK(object);
    const Wish wish = state.wish;
    const int width = state.width, height = state.height, rate_n = state.rate_n, rate_d = state.rate_d;
    GST_OBJECT_UNLOCK(object);
    const Encoder *row = choose(wish, codec::is_installed);
    switch (id) {
    case prop_codec:
        g_value_set_string(value, wish.codec.c_str());
        break;
    case prop_encoder:
        g_value_set_string(value, wish.encoder.c_str());
        break;
    case prop_profile:
        g_value_set_string(value, wish.profile.c_str());
        break;
    case prop_level:
        g_value_set_string(value, wish.level.c_str());
        break;
    case prop_speed:
        g_value_set_string(value, wish.speed.c_str());
        break;
    case prop_width:
        g_value_set_int(value, width);
        break;
    case prop_height:
        g_value_set_int(value, height);
        break;
    case prop_frame_rate:
        gst_value_set_fraction(value, rate_n, rate_d);
        break;
    case prop_constant_quality:
        g_value_set_int(value, wish.constant_quality);
        break;
    case prop_max_bitrate_bps:
        g_value_set_uint64(value, wish.max_bitrate_bps);
        break;
    case prop_buffer_ms:
        g_value_set_uint(value, wish.buffer_ms);
        break;
    case prop_threads:
        g_value_set_uint(value, wish.threads);
        break;
    case prop_gop_frames:
        g_value_set_uint(value, wish.gop_frames);
        break;
    case prop_active_encoder:
        g_value_set_string(value, row ? row->factory : "");
        break;
    case prop_encoder_version: {
        const std::array libraries = {row ? row->library : std::string_view(),
                                      std::string_view("libzimg.so")};
        const std::string made_by = row ? codec::describe(row->factory, libraries) : "";
        g_value_set_string(value, made_by.empty() ? "" : (made_by + " butaca " BUTACA_VERSION).c_str());
        break;
    }
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void butaca_video_transcode_finalize(GObject *object)
{
    delete self_of(object)->state;
    G_OBJECT_CLASS(butaca_video_transcode_parent_class)->finalize(object);
}

static void butaca_video_transcode_init(ButacaVideoTranscode *self)
{
    self->state = new State;
    State &state = *self->state;
    const auto in = adopt(gst_static_pad_template_get(&sink_template));
    const auto out = adopt(gst_static_pad_template_get(&src_template));
    state.sink = gst_ghost_pad_new_no_target_from_template("sink", in.get());
    state.src = gst_ghost_pad_new_no_target_from_template("src", out.get());
    gst_pad_add_probe(state.sink, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_sink_event, self, nullptr);
    gst_element_add_pad(GST_ELEMENT(self), state.sink);
    gst_element_add_pad(GST_ELEMENT(self), state.src);
}

static void install_properties(GObjectClass *object)
{
    constexpr auto writable =
        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
    constexpr auto readable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    const auto text = [object](guint id, const char *name, const char *nick, const char *blurb,
                               const char *standard) {
        g_object_class_install_property(object, id,
                                        g_param_spec_string(name, nick, blurb, standard, writable));
    };
    const auto number = [object](guint id, const char *name, const char *nick, const char *blurb, int min,
                                 int max, int standard) {
        g_object_class_install_property(object, id,
                                        g_param_spec_int(name, nick, blurb, min, max, standard, writable));
    };
    const auto count = [object](guint id, const char *name, const char *nick, const char *blurb, guint max,
                                guint standard) {
        g_object_class_install_property(object, id,
                                        g_param_spec_uint(name, nick, blurb, 0, max, standard, writable));
    };
    text(prop_codec, "codec", "Codec",
         "h264, h265, vp9 or av1; all properties take effect when the element goes to READY", "h264");
    number(prop_width, "width", "Width",
           "Width in square pixels, rounded to an even number (0 = follow the height and the source's shape)",
           0, 16384, 0);
    number(prop_height, "height", "Height",
           "Height in pixels, rounded to an even number (0 = follow the width, or keep the source's)", 0,
           16384, 0);
    g_object_class_install_property(
        object, prop_frame_rate,
        gst_param_spec_fraction("frame-rate", "Frame rate",
                                "Frames per second (0/1 = every frame once, at its own time)", 0, 1, G_MAXINT,
                                1, 0, 1, writable));
    number(prop_constant_quality, "constant-quality", "Constant quality",
           "The codec's quality scale, low is good: 0-51 for H.264 and H.265 (CRF), 0-63 for VP9 and AV1 (-1 "
           "= default)",
           -1, 63, -1);
    g_object_class_install_property(
        object, prop_max_bitrate_bps,
        g_param_spec_uint64(
            "max-bitrate-bps", "Maximum bit rate",
            "No more than this in bits per second over buffer-ms from the first frame on (0 = no cap)", 0,
            4'000'000'000ULL, 0, writable));
    count(prop_buffer_ms, "buffer-ms", "Buffer", "What max-bitrate-bps is measured over, in ms: one segment",
          10'000, 2000);
    text(prop_level, "level", "Level", "Level to write into the stream, such as 3.1 (empty = automatic)", "");
    text(prop_profile, "profile", "Profile", "Profile as in caps, such as high (empty = automatic)", "");
    text(prop_speed, "speed", "Speed", "x264's preset name, translated for other encoders", "veryfast");
    count(prop_threads, "threads", "Threads",
          "Encoder threads (only 1 makes the same bytes with every encoder)", 64, 1);
    count(prop_gop_frames, "gop-frames", "GOP frames",
          "Frames from one keyframe to the next: a segment's frame count (0 = only the first is one)",
          1U << 20, 0);
    text(prop_encoder, "encoder", "Encoder",
         "Name of the encoder element to use (empty = the first one installed)", "");
    g_object_class_install_property(
        object, prop_active_encoder,
        g_param_spec_string("active-encoder", "Active encoder",
                            "Name of the encoder element that these properties lead to", "", readable));
    g_object_class_install_property(
        object, prop_encoder_version,
        g_param_spec_string("encoder-version", "Encoder version",
                            "Names the exact code that makes the bytes: equal here, equal bytes", "",
                            readable));
}

static void butaca_video_transcode_class_init(ButacaVideoTranscodeClass *klass)
{
    GST_DEBUG_CATEGORY_INIT(butaca_transcode_debug, "videotranscode", 0, "Butaca's video transcoder");
    GObjectClass *object = G_OBJECT_CLASS(klass);
    object->set_property = butaca_video_transcode_set_property;
    object->get_property = butaca_video_transcode_get_property;
    object->finalize = butaca_video_transcode_finalize;
    install_properties(object);
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    element->change_state = butaca_video_transcode_change_state;
    gst_element_class_set_static_metadata(
        element, "Video transcoder", "Codec/Encoder/Video",
        "Scales and encodes video; the same frames always make the same bytes", "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
}
