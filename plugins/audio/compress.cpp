// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-audiocompress
//
// Takes sound of any format and gives it encoded, ready for an MP4 muxer:
//
//  gst-launch-1.0 filesrc location=a.flac ! decodebin ! audiocompress ! mp4mux ! filesink location=a.m4a
//
// Encoders put out their first sample late by `delay-samples`, which is always a whole number of packets of
// `frame-samples`: where the encoder's own delay is not, the element begins with silence. So skip-packets =
// delay-samples / frame-samples makes the first packet start at the first sample that came in. To make
// packets F, F+1, ... of a long stream by themselves, feed samples from (F - P) * frame-samples on, with
// skip-packets = P + delay-samples / frame-samples; P = 4 (AAC) or 8 (Opus) packets of run-up cover
// the decoder's overlap. MP3 keeps bits in earlier packets and is not for this.
//
//   audioconvert ! floats ! audioresample ! audioconvert ! filter ! ENCODER ! PARSER (where needed) ! filter
#include "plugins/audio/compress.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gst/audio/audio.h>

#include "plugins/audio/codec_table.h"
#include "plugins/audio/compress_properties.h"
#include "plugins/audio/downmix.h"
#include "plugins/audio/packet_gate.h"
#include "plugins/codec/chain.h"
#include "plugins/codec/library.h"
#include "src/base/gst.h"

GST_DEBUG_CATEGORY_STATIC(butaca_compress_debug);
#define GST_CAT_DEFAULT butaca_compress_debug

using namespace butaca;
using namespace butaca::audio;

namespace {

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("audio/x-raw"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/mpeg,mpegversion=4,stream-format=raw; audio/mpeg,mpegversion=1,layer=3;"
                    "audio/x-opus; audio/x-flac"));

// `asked` is guarded by the object lock; the rest belongs to state changes and, while data flows, to the
// streaming thread.
struct State {
    explicit State(GstBin *bin) : chain(bin, sink_template, src_template) {}

    CompressProperties asked;
    codec::Chain chain;
    const Encoder *row = nullptr;
    GstElement *convert = nullptr, *filter = nullptr, *encoder = nullptr;
    std::unique_ptr<PacketGate> gate;
};

} // namespace

struct ButacaAudioCompress {
    GstBin parent;
    State *state;
};
struct ButacaAudioCompressClass {
    GstBinClass parent;
};

static GType butaca_audio_compress_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(ButacaAudioCompress, butaca_audio_compress, GST_TYPE_BIN)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(audiocompress, "audiocompress", GST_RANK_NONE, butaca_audio_compress_get_type())

static ButacaAudioCompress *self_of(gpointer object) { return static_cast<ButacaAudioCompress *>(object); }

static CompressProperties asked_of(ButacaAudioCompress *self)
{
    GST_OBJECT_LOCK(self);
    CompressProperties asked = self->state->asked;
    GST_OBJECT_UNLOCK(self);
    return asked;
}

// An empty matrix gives the mixing back to audioconvert.
static void set_mix_matrix(GstElement *convert, const std::vector<std::vector<float>> &matrix)
{
    GValue rows = G_VALUE_INIT;
    g_value_init(&rows, GST_TYPE_ARRAY);
    for (const std::vector<float> &gains : matrix) {
        GValue row = G_VALUE_INIT;
        g_value_init(&row, GST_TYPE_ARRAY);
        for (const float gain : gains) {
            GValue cell = G_VALUE_INIT;
            g_value_init(&cell, G_TYPE_FLOAT);
            g_value_set_float(&cell, gain);
            gst_value_array_append_and_take_value(&row, &cell);
        }
        gst_value_array_append_and_take_value(&rows, &row);
    }
    g_object_set_property(G_OBJECT(convert), "mix-matrix", &rows);
    g_value_unset(&rows);
}

// Runs when caps reach the bin and before they reach any child: only now are the source's rate and channels
// known.
static GstPadProbeReturn on_sink_event([[maybe_unused]] GstPad *pad, GstPadProbeInfo *info,
                                       gpointer object) noexcept
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    ButacaAudioCompress *self = self_of(object);
    State &state = *self->state;
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS || !state.gate)
        return GST_PAD_PROBE_OK;
    GstCaps *caps = nullptr;
    gst_event_parse_caps(event, &caps);
    GstAudioInfo source;
    if (!gst_audio_info_from_caps(&source, caps))
        return GST_PAD_PROBE_OK;
    const Encoder &row = *state.row;
    const CompressProperties asked = asked_of(self);
    const Wish &wish = asked.wish;
    PacketGate::Plan plan = {.skip_samples = asked.skip_samples,
                             .skip_packets = asked.skip_packets,
                             .max_packets = asked.max_packets,
                             .first_packet = asked.first_packet};
    const int channels = legal_channels(row, wish.channels, source.channels);
    plan.rate = legal_rate(row, wish.rate, source.rate);
    plan.frame_samples = row.frame_samples;
    plan.lead_samples = lead_samples(row);
    plan.delay_samples = delay_samples(row);
    state.gate->set_plan(plan);
    const std::span<const GstAudioChannelPosition> positions(
        source.position,
        GST_AUDIO_INFO_IS_UNPOSITIONED(&source) ? 0 : static_cast<std::size_t>(source.channels));
    const std::uint64_t renamed = mask_with_rear_for_side(positions, channels);
    set_mix_matrix(state.convert, renamed ? identity_matrix(channels) : downmix_matrix(positions, channels));
    for (const auto &[property, value] : settings_for(row, wish, channels))
        codec::set_from_text(state.encoder, property, value);
    auto wanted = adopt(
        gst_caps_from_string((std::string("audio/x-raw,layout=interleaved,format=") + row.format).c_str()));
    gst_caps_set_simple(wanted.get(), "rate", G_TYPE_INT, plan.rate, "channels", G_TYPE_INT, channels,
                        nullptr);
    if (renamed)
        gst_caps_set_simple(wanted.get(), "channel-mask", GST_TYPE_BITMASK, renamed, nullptr);
    g_object_set(state.filter, "caps", wanted.get(), nullptr);
    return GST_PAD_PROBE_OK;
}

static void tear_down(ButacaAudioCompress *self)
{
    State &state = *self->state;
    state.chain.tear_down();
    state.convert = state.filter = state.encoder = nullptr;
    state.row = nullptr;
    state.gate.reset();
}

static bool build(ButacaAudioCompress *self)
{
    State &state = *self->state;
    codec::Chain &chain = state.chain;
    const Wish wish = asked_of(self).wish;
    state.row = choose(wish, codec::is_installed);
    if (!state.row) {
        GST_ELEMENT_ERROR(self, CORE, MISSING_PLUGIN,
                          ("No encoder for \"%s\" is installed.", wish.codec.c_str()),
                          ("encoder asked for: \"%s\"", wish.encoder.c_str()));
        return false;
    }
    // Mixing and resampling happen in floats (24 bits of mantissa: lossless for FLAC too), rounding once at
    // the end.
    state.convert = chain.append("audioconvert");
    GstElement *floats = chain.append_filter("audio/x-raw,format=F32LE,layout=interleaved");
    GstElement *resample = chain.append("audioresample");
    GstElement *quantize = chain.append("audioconvert");
    state.filter = chain.append_filter({});
    state.encoder = chain.append(state.row->factory);
    if (!state.convert || !floats || !resample || !quantize || !state.filter || !state.encoder ||
        (state.row->parser && !chain.append(state.row->parser)) || !chain.append_filter(state.row->caps))
        return false;
    for (GstElement *convert : {state.convert, quantize}) {
        // Dither draws on a random state that the whole process shares: a second encode would differ from the
        // first.
        codec::set_from_text(convert, "dithering", "none");
        codec::set_from_text(convert, "noise-shaping", "none");
    }
    codec::set_from_text(resample, "quality", "8");
    state.gate = std::make_unique<PacketGate>(state.encoder, chain.last());
    return chain.open();
}

static GstStateChangeReturn butaca_audio_compress_change_state(GstElement *element, GstStateChange change)
{
    ButacaAudioCompress *self = self_of(element);
    if (change == GST_STATE_CHANGE_NULL_TO_READY && !build(self)) {
        tear_down(self);
        return GST_STATE_CHANGE_FAILURE;
    }
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(butaca_audio_compress_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_READY_TO_NULL ||
        (change == GST_STATE_CHANGE_NULL_TO_READY && result == GST_STATE_CHANGE_FAILURE))
        tear_down(self);
    return result;
}

static void butaca_audio_compress_set_property(GObject *object, guint id, const GValue *value,
                                               GParamSpec *spec)
{
    GST_OBJECT_LOCK(object);
    const bool known = set_property(self_of(object)->state->asked, id, value);
    GST_OBJECT_UNLOCK(object);
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void butaca_audio_compress_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (!get_property(asked_of(self_of(object)), id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void butaca_audio_compress_finalize(GObject *object)
{
    delete self_of(object)->state;
    G_OBJECT_CLASS(butaca_audio_compress_parent_class)->finalize(object);
}

static void butaca_audio_compress_init(ButacaAudioCompress *self)
{
    self->state = new State(GST_BIN(self));
    gst_pad_add_probe(self->state->chain.sink_pad(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_sink_event, self,
                      nullptr);
}

static void butaca_audio_compress_class_init(ButacaAudioCompressClass *klass)
{
    GST_DEBUG_CATEGORY_INIT(butaca_compress_debug, "audiocompress", 0, "Butaca's audio encoder");
    GObjectClass *object = G_OBJECT_CLASS(klass);
    object->set_property = butaca_audio_compress_set_property;
    object->get_property = butaca_audio_compress_get_property;
    object->finalize = butaca_audio_compress_finalize;
    install_properties(object);
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    element->change_state = butaca_audio_compress_change_state;
    gst_element_class_set_static_metadata(
        element, "Audio encoder", "Codec/Encoder/Audio",
        "Encodes sound on an exact grid of packets; the same samples always make the same bytes",
        "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
}
