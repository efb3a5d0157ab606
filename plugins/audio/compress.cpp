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

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gst/audio/audio.h>

#include "plugins/audio/codec_table.h"
#include "plugins/audio/downmix.h"
#include "plugins/audio/packet_gate.h"
#include "plugins/codec/library.h"
#include "src/base/gst.h"

GST_DEBUG_CATEGORY_STATIC(butaca_compress_debug);
#define GST_CAT_DEFAULT butaca_compress_debug

using namespace butaca;
using namespace butaca::audio;

namespace {

enum Property : guint {
    prop_codec = 1,
    prop_bitrate_bps,
    prop_channels,
    prop_rate,
    prop_skip_samples,
    prop_skip_packets,
    prop_max_packets,
    prop_first_packet,
    prop_encoder,
    prop_frame_samples,
    prop_delay_samples,
    prop_active_encoder,
    prop_encoder_version,
};

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("audio/x-raw"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/mpeg,mpegversion=4,stream-format=raw; audio/mpeg,mpegversion=1,layer=3;"
                    "audio/x-opus; audio/x-flac"));

// `wish` and the four counts are guarded by the object lock; the rest belongs to state changes and, while
// data flows, to the streaming thread.
struct State {
    Wish wish;
    std::uint64_t skip_samples = 0, skip_packets = 0, max_packets = 0, first_packet = 0;

    GstPad *sink = nullptr, *src = nullptr; // our ghost pads, owned by the element
    std::vector<GstElement *> chain;        // owned by the bin
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
    GST_OBJECT_LOCK(self);
    const Wish wish = state.wish;
    PacketGate::Plan plan = {.skip_samples = state.skip_samples,
                             .skip_packets = state.skip_packets,
                             .max_packets = state.max_packets,
                             .first_packet = state.first_packet};
    GST_OBJECT_UNLOCK(self);
    const int channels = legal_channels(row, wish.channels, source.channels);
    plan.rate = legal_rate(row, wish.rate, source.rate);
    plan.frame_samples = frame_samples(row, plan.rate);
    plan.lead_samples = lead_samples(row, plan.rate);
    plan.delay_samples = delay_samples(row, plan.rate);
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

// Adds one child to the end of the chain; null when it is not installed (a message says so).
static GstElement *append(ButacaAudioCompress *self, const char *factory)
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

static void set_caps(GstElement *filter, const char *text)
{
    const auto caps = adopt(gst_caps_from_string(text));
    g_object_set(filter, "caps", caps.get(), nullptr);
}

static void tear_down(ButacaAudioCompress *self)
{
    State &state = *self->state;
    gst_ghost_pad_set_target(GST_GHOST_PAD(state.sink), nullptr);
    gst_ghost_pad_set_target(GST_GHOST_PAD(state.src), nullptr);
    for (GstElement *child : state.chain) {
        gst_element_set_state(child, GST_STATE_NULL);
        gst_bin_remove(GST_BIN(self), child);
    }
    state.chain.clear();
    state.convert = state.filter = state.encoder = nullptr;
    state.row = nullptr;
    state.gate.reset();
}

static bool build(ButacaAudioCompress *self)
{
    State &state = *self->state;
    GST_OBJECT_LOCK(self);
    const Wish wish = state.wish;
    GST_OBJECT_UNLOCK(self);
    state.row = choose(wish, codec::is_installed);
    if (!state.row) {
        GST_ELEMENT_ERROR(self, CORE, MISSING_PLUGIN,
                          ("No encoder for \"%s\" is installed.", wish.codec.c_str()),
                          ("encoder asked for: \"%s\"", wish.encoder.c_str()));
        return false;
    }
    state.convert = append(self, "audioconvert");
    GstElement *floats = append(self, "capsfilter");
    GstElement *resample = append(self, "audioresample");
    GstElement *quantize = append(self, "audioconvert");
    state.filter = append(self, "capsfilter");
    state.encoder = append(self, state.row->factory);
    if (!state.convert || !floats || !resample || !quantize || !state.filter || !state.encoder ||
        (state.row->parser && !append(self, state.row->parser)))
        return false;
    GstElement *last = append(self, "capsfilter");
    if (!last)
        return false;
    // Mixing and resampling happen in floats (24 bits of mantissa: lossless for FLAC too), rounding once at
    // the end.
    set_caps(floats, "audio/x-raw,format=F32LE,layout=interleaved");
    set_caps(last, state.row->caps);
    for (GstElement *convert : {state.convert, quantize}) {
        // Dither draws on a random state that the whole process shares: a second encode would differ from the
        // first.
        codec::set_from_text(convert, "dithering", "none");
        codec::set_from_text(convert, "noise-shaping", "none");
    }
    codec::set_from_text(resample, "quality", "8");
    state.gate = std::make_unique<PacketGate>(state.encoder, last);
    const auto in = adopt(gst_element_get_static_pad(state.chain.front(), "sink"));
    const auto out = adopt(gst_element_get_static_pad(last, "src"));
    return gst_ghost_pad_set_target(GST_GHOST_PAD(state.sink), in.get()) &&
           gst_ghost_pad_set_target(GST_GHOST_PAD(state.src), out.get());
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
    case prop_bitrate_bps:
        state.wish.bitrate_bps = g_value_get_uint64(value);
        break;
    case prop_channels:
        state.wish.channels = g_value_get_int(value);
        break;
    case prop_rate:
        state.wish.rate = g_value_get_int(value);
        break;
    case prop_skip_samples:
        state.skip_samples = g_value_get_uint64(value);
        break;
    case prop_skip_packets:
        state.skip_packets = g_value_get_uint(value);
        break;
    case prop_max_packets:
        state.max_packets = g_value_get_uint64(value);
        break;
    case prop_first_packet:
        state.first_packet = g_value_get_uint64(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(object);
}

static void butaca_audio_compress_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    State &state = *self_of(object)->state;
    GST_OBJECT_LOCK(object);
    const Wish wish = state.wish;
    const std::uint64_t skip_samples = state.skip_samples, skip_packets = state.skip_packets,
                        max_packets = state.max_packets, first_packet = state.first_packet;
    GST_OBJECT_UNLOCK(object);
    const Encoder *row = choose(wish, codec::is_installed);
    switch (id) {
    case prop_codec:
        g_value_set_string(value, wish.codec.c_str());
        break;
    case prop_encoder:
        g_value_set_string(value, wish.encoder.c_str());
        break;
    case prop_bitrate_bps:
        g_value_set_uint64(value, wish.bitrate_bps);
        break;
    case prop_channels:
        g_value_set_int(value, wish.channels);
        break;
    case prop_rate:
        g_value_set_int(value, wish.rate);
        break;
    case prop_skip_samples:
        g_value_set_uint64(value, skip_samples);
        break;
    case prop_skip_packets:
        g_value_set_uint(value, static_cast<guint>(skip_packets));
        break;
    case prop_max_packets:
        g_value_set_uint64(value, max_packets);
        break;
    case prop_first_packet:
        g_value_set_uint64(value, first_packet);
        break;
    case prop_frame_samples:
        g_value_set_uint(value, row ? static_cast<guint>(frame_samples(*row, wish.rate)) : 0);
        break;
    case prop_delay_samples:
        g_value_set_uint(value, row ? static_cast<guint>(delay_samples(*row, wish.rate)) : 0);
        break;
    case prop_active_encoder:
        g_value_set_string(value, row ? row->factory : "");
        break;
    case prop_encoder_version: {
        const std::array libraries = {row ? row->library : std::string_view()};
        const std::string made_by = row ? codec::describe(row->factory, libraries) : "";
        g_value_set_string(value, made_by.empty() ? "" : (made_by + " butaca " BUTACA_VERSION).c_str());
        break;
    }
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void butaca_audio_compress_finalize(GObject *object)
{
    delete self_of(object)->state;
    G_OBJECT_CLASS(butaca_audio_compress_parent_class)->finalize(object);
}

static void butaca_audio_compress_init(ButacaAudioCompress *self)
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
                               const char *standard, GParamFlags flags) {
        g_object_class_install_property(object, id, g_param_spec_string(name, nick, blurb, standard, flags));
    };
    const auto number = [object](guint id, const char *name, const char *nick, const char *blurb, int max) {
        g_object_class_install_property(object, id, g_param_spec_int(name, nick, blurb, 0, max, 0, writable));
    };
    const auto count = [object](guint id, const char *name, const char *nick, const char *blurb) {
        g_object_class_install_property(object, id,
                                        g_param_spec_uint64(name, nick, blurb, 0, G_MAXINT64, 0, writable));
    };
    const auto fact = [object](guint id, const char *name, const char *nick, const char *blurb) {
        g_object_class_install_property(object, id,
                                        g_param_spec_uint(name, nick, blurb, 0, G_MAXUINT, 0, readable));
    };
    text(prop_codec, "codec", "Codec", "aac, opus, mp3 or flac; takes effect when the element goes to READY",
         "aac", writable);
    text(prop_encoder, "encoder", "Encoder",
         "Name of the encoder element to use (empty = the first one installed); takes effect when the "
         "element goes to READY",
         "", writable);
    g_object_class_install_property(object, prop_bitrate_bps,
                                    g_param_spec_uint64("bitrate-bps", "Bit rate",
                                                        "Bits per second of all channels together (0 = the "
                                                        "codec's default); takes effect with the next caps",
                                                        0, 2'000'000, 0, writable));
    number(prop_channels, "channels", "Channels",
           "Number of channels (0 = as they come, as far as the codec can); takes effect with the next caps",
           8);
    number(prop_rate, "rate", "Rate",
           "Samples per second (0 = as they come, or the nearest that the codec has); takes effect with the "
           "next caps",
           192000);
    count(prop_skip_samples, "skip-samples", "Skip samples",
          "Samples, at the output's rate, to drop from the start before they are encoded; takes effect with "
          "the next caps");
    g_object_class_install_property(
        object, prop_skip_packets,
        g_param_spec_uint("skip-packets", "Skip packets",
                          "Packets to drop from the start: delay and run-up; takes effect with the next caps",
                          0, G_MAXUINT, 0, writable));
    count(prop_max_packets, "max-packets", "Maximum packets",
          "Packets to give before the end of the stream (0 = no limit); takes effect with the next caps");
    count(prop_first_packet, "first-packet", "First packet",
          "Number of the first packet given: packet n starts at n * frame-samples / rate seconds; takes "
          "effect with the next caps");
    fact(prop_frame_samples, "frame-samples", "Frame samples",
         "Samples in each packet (MP3: for the rate that is set)");
    fact(
        prop_delay_samples, "delay-samples", "Delay samples",
        "How many samples a decoder's output lags the input, before skip-packets: a whole number of packets");
    text(prop_active_encoder, "active-encoder", "Active encoder",
         "Name of the encoder element that these properties lead to", "", readable);
    text(prop_encoder_version, "encoder-version", "Encoder version",
         "Names the exact code that makes the bytes: equal here, equal bytes", "", readable);
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
