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

#include <memory>
#include <string>

#include <gst/video/video.h>

#include "plugins/codec/chain.h"
#include "plugins/codec/library.h"
#include "plugins/video/encoded_pad.h"
#include "plugins/video/encoder_table.h"
#include "plugins/video/nal.h"
#include "plugins/video/picture.h"
#include "plugins/video/transcode_properties.h"
#include "src/base/gst.h"

GST_DEBUG_CATEGORY_STATIC(butaca_transcode_debug);
#define GST_CAT_DEFAULT butaca_transcode_debug

using namespace butaca;
using namespace butaca::video;

namespace {

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS(
        "video/x-h264,stream-format=avc,alignment=au; video/x-h265,stream-format=hvc1,alignment=au;"
        "video/x-vp9; video/x-av1,stream-format=obu-stream,alignment=tu"));

// `asked` is guarded by the object lock; the rest belongs to state changes and, while data flows, to the
// streaming thread.
struct State {
    explicit State(GstBin *bin) : chain(bin, sink_template, src_template) {}

    TranscodeProperties asked;
    codec::Chain chain;
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

static TranscodeProperties asked_of(ButacaVideoTranscode *self)
{
    GST_OBJECT_LOCK(self);
    TranscodeProperties asked = self->state->asked;
    GST_OBJECT_UNLOCK(self);
    return asked;
}

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
    const TranscodeProperties asked = asked_of(self);
    const Size size = output_size(picture, asked.width, asked.height);
    const auto before = scaler_input_caps(picture, asked.rate_n, asked.rate_d);
    const auto after = encoder_input_caps(picture, size);
    GST_INFO_OBJECT(self, "from %" GST_PTR_FORMAT " to %" GST_PTR_FORMAT, static_cast<void *>(caps),
                    static_cast<void *>(after.get()));
    g_object_set(state.before_scale, "caps", before.get(), nullptr);
    g_object_set(state.after_scale, "caps", after.get(), nullptr);
    return GST_PAD_PROBE_OK;
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
    state.before_scale = state.after_scale = nullptr;
    state.chain.tear_down();
    state.encoded.reset();
}

static bool append_encoder(State &state, const Encoder &row, const Wish &wish)
{
    std::string caps = row.encoder_caps;
    if (row.caps_carry_profile)
        caps = with_field(std::move(caps), "profile", wish.profile);
    if (row.caps_carry_level)
        caps = with_field(std::move(caps), "level", wish.level);
    codec::Chain &chain = state.chain;
    GstElement *encoder = chain.append(row.factory);
    if (!encoder)
        return false;
    for (const auto &[property, value] : settings_for(row, wish))
        codec::set_from_text(encoder, property, value);
    if (!chain.append_filter(caps) ||
        (row.parser && (!chain.append(row.parser) || !chain.append_filter(row.caps))))
        return false;
    state.encoded = std::make_unique<EncodedPad>(row, wish, encoder, chain.last());
    return true;
}

// Behind the scaler, so that letters are as sharp as the picture and as large in every size.
static bool append_subtitles(codec::Chain &chain, const TranscodeProperties &asked)
{
    if (!asked.subtitle_script && !asked.subtitle_pictures)
        return true;
    GstElement *burn = chain.append("subtitleburn");
    if (!burn)
        return false;
    if (asked.subtitle_script)
        g_object_set(burn, "script", asked.subtitle_script->c_str(), nullptr);
    if (asked.subtitle_pictures)
        g_object_set(burn, "pictures", asked.subtitle_pictures.get(), nullptr);
    return true;
}

static bool build(ButacaVideoTranscode *self)
{
    State &state = *self->state;
    codec::Chain &chain = state.chain;
    const TranscodeProperties asked = asked_of(self);
    const Wish &wish = asked.wish;
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
    return chain.append("videoconvert") && (asked.rate_n <= 0 || chain.append("videorate")) &&
           (state.before_scale = chain.append_filter({})) && chain.append("butacascale") &&
           (state.after_scale = chain.append_filter({})) && append_subtitles(chain, asked) &&
           append_encoder(state, *row, wish) && chain.open();
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
    GST_OBJECT_LOCK(object);
    const bool known = set_property(self_of(object)->state->asked, id, value);
    GST_OBJECT_UNLOCK(object);
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void butaca_video_transcode_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (!get_property(asked_of(self_of(object)), id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void butaca_video_transcode_finalize(GObject *object)
{
    delete self_of(object)->state;
    G_OBJECT_CLASS(butaca_video_transcode_parent_class)->finalize(object);
}

static void butaca_video_transcode_init(ButacaVideoTranscode *self)
{
    self->state = new State(GST_BIN(self));
    gst_pad_add_probe(self->state->chain.sink_pad(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_sink_event, self,
                      nullptr);
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
